"""From what each kind of evidence says of a passage to one score.

Evidence of a passage for a query, each from 0 to 1 (cosines may fall a little below 0):
    sentence   cosine with its best sentence or table row
    question   cosine with the best question written for it
    questions  mean cosine with the three best of those
    text       words shared with its own text (see `lexical`)
    asked      words shared with its text and its questions together
A passage that nobody has written questions for has 0 in `question` and `questions`, and is weighed by weights of its
own, so that a document added yesterday stands beside one that has been tended for a year.

The weights are data, in `weights.json`, fitted by `evals/fit_ranking.py` on the development questions alone.
Pure: no I/O but reading the weights.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from assistant.values import Value

Array = NDArray[np.float64]

EVIDENCE = ("sentence", "question", "questions", "text", "asked")


class Weights(Value):
    """Linear weights, in the order of `EVIDENCE`, and how a sum becomes a score."""

    tended: tuple[float, ...]
    untended: tuple[float, ...]
    untended_offset: float
    slope: float
    offset: float
    found: float
    fitted_on: str


@cache
def shipped_weights() -> Weights:
    """The weights the product ships with."""
    return Weights.model_validate_json(resources.files("assistant.retrieval").joinpath("weights.json").read_bytes())


def combine(evidence: Array, tended: NDArray[np.bool_], weights: Weights) -> Array:
    """One number a passage, higher is better. `evidence` has a row a passage, columns as in `EVIDENCE`."""
    with_questions = evidence @ np.asarray(weights.tended)
    without = evidence @ np.asarray(weights.untended) + weights.untended_offset
    result: Array = np.where(tended, with_questions, without)
    return result


def calibrate(sums: Array, weights: Weights) -> Array:
    """Scores from 0 to 1: about how often a passage with such a sum is a right one."""
    result: Array = 1.0 / (1.0 + np.exp(-(weights.slope * sums + weights.offset)))
    return result


def order(sums: Sequence[float]) -> list[int]:
    """Indexes, best first; ties keep their order."""
    return sorted(range(len(sums)), key=lambda i: -sums[i])


def write_weights(weights: Weights) -> str:
    """The weights as `weights.json` holds them."""
    return json.dumps(weights.model_dump(), indent=2) + "\n"
