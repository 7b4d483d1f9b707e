"""Fit the weights of `assistant/retrieval/weights.json` on the development questions.

    python -m evals.fit_ranking ORIGINALS [--write]

ORIGINALS is a folder of the source documents. They are indexed twice, with and without the questions written for
them, so that tended and untended passages each get weights. A question's right passages should have the higher sums
(a softmax over the candidates of each question); then sums become scores by a logistic curve, fitted to how often the
first passage is a right one, unanswerable questions included. The score to answer from is the lowest at which at most
one in five questions about something else is answered, over the originals and the shipped corpus. A stricter one was
tried: it turns away more questions asked in everyday words than it keeps out strays. Five-fold figures are printed;
the test set is not read.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.retrieval.ranking import EVIDENCE, Weights, shipped_weights, write_weights
from assistant.retrieval.retriever import CompactRetriever
from assistant.settings import SHIPPED_CORPUS
from evals.cases import Case, load_cases
from evals.indexes import open_index

Array = NDArray[np.float64]
WEIGHTS_FILE = Path(__file__).parent.parent / "assistant" / "retrieval" / "weights.json"
RIDGE = 0.002
TENDED = ("sentence", "question", "questions", "asked")
UNTENDED = ("sentence", "text")


@dataclass(frozen=True, slots=True)
class Example:
    """One question's candidates: evidence, tended or not, and which are right."""

    evidence: Array
    tended: NDArray[np.bool_]
    right: NDArray[np.bool_]
    answerable: bool


def examples(retriever: CompactRetriever, cases: list[Case]) -> list[Example]:
    """The candidates of each case."""
    out = []
    for case in cases:
        found = retriever.candidates(case.question)
        passages = [retriever.index.passages[int(n)] for n in found.numbers]
        right = np.array([any(g.met_by(p) for part in case.originals for g in part) for p in passages], dtype=np.bool_)
        out.append(Example(found.evidence, retriever.index.tended[found.numbers], right, case.answerable))
    return out


def fit_linear(data: list[Example], columns: list[int]) -> Array:
    """Weights of these columns that put right passages first."""
    useful = [e for e in data if e.right.any()]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for e in useful:
            x = e.evidence[:, columns]
            sums = x @ weights
            p = np.exp(sums - sums.max())
            p /= p.sum()
            q = p * e.right
            mass = q.sum()
            total -= np.log(mass)
            slope -= x.T @ (q / mass - p)
        n = len(useful)
        return total / n + RIDGE * float(weights @ weights), slope / n + 2 * RIDGE * weights

    start = np.ones(len(columns))
    result: Array = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return result


def fit_logistic(sums: list[float], right: list[bool]) -> tuple[float, float]:
    """Slope and offset of the curve from a first passage's sum to how often it is right."""
    x, y = np.array(sums), np.array(right, dtype=float)

    def loss(parameters: Array) -> float:
        z = parameters[0] * x + parameters[1]
        return float(np.mean(np.logaddexp(0, z) - y * z)) + 1e-4 * float(parameters @ parameters)

    slope, offset = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(offset)


def full(weights: Array, columns: list[int]) -> tuple[float, ...]:
    """The weights with zeros for the columns left out."""
    out = np.zeros(len(EVIDENCE))
    out[columns] = weights
    return tuple(round(float(w), 3) for w in out)


def recall(data: list[Example], weights: tuple[float, ...], k: int = 5) -> float:
    """The share of answerable questions with a right passage among the first k."""
    useful = [e for e in data if e.answerable]
    hits = [bool(e.right[np.argsort(-(e.evidence @ np.array(weights)), kind="stable")[:k]].any()) for e in useful]
    return float(np.mean(hits))


def five_fold(data: list[Example], columns: list[int]) -> float:
    """Recall at 5 on questions that the weights were not fitted on."""
    folds = np.random.default_rng(0).integers(0, 5, len(data))
    scores = []
    for fold in range(5):
        train = [e for e, f in zip(data, folds, strict=True) if f != fold]
        held_out = [e for e, f in zip(data, folds, strict=True) if f == fold]
        weights = full(fit_linear(train, columns), columns)
        scores += [recall([e], weights) for e in held_out if e.answerable]
    return float(np.mean(scores))


def main() -> None:
    """Fit, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("originals", type=Path)
    parser.add_argument("--write", action="store_true", help="write weights.json")
    options = parser.parse_args()
    cases = load_cases("development")
    all_columns = [EVIDENCE.index(name) for name in TENDED]
    plain_columns = [EVIDENCE.index(name) for name in UNTENDED]
    with tempfile.TemporaryDirectory() as scratch:
        shipped = examples(open_index(SHIPPED_CORPUS, Path(scratch) / "shipped"), cases)
        tended = examples(open_index(options.originals, Path(scratch) / "tended"), cases)
        bare = examples(open_index(options.originals, Path(scratch) / "bare", questions=False), cases)
    with_questions = full(fit_linear(tended, all_columns), all_columns)
    without = full(fit_linear(bare, plain_columns), plain_columns)
    print(
        "tended  ",
        dict(zip(EVIDENCE, with_questions, strict=True)),
        "five-fold recall@5",
        five_fold(tended, all_columns),
    )
    print("untended", dict(zip(EVIDENCE, without, strict=True)), "five-fold recall@5", five_fold(bare, plain_columns))
    tops = {}
    for name, data, weights in (("tended", tended, with_questions), ("untended", bare, without)):
        best = [int(np.argmax(e.evidence @ np.array(weights))) for e in data]
        tops[name] = (
            [float((e.evidence @ np.array(weights))[b]) for e, b in zip(data, best, strict=True)],
            [bool(e.right[b]) for e, b in zip(data, best, strict=True)],
        )
    slope, offset = fit_logistic(*tops["tended"])
    bare_slope, bare_offset = fit_logistic(*tops["untended"])
    # Untended sums are put on the tended scale, so that one curve serves both.
    without = tuple(round(w * bare_slope / slope, 3) for w in without)
    shift = round((bare_offset - offset) / slope, 3)
    kinds = np.array([case.kind for case in cases])
    scores = {
        name: np.array([best_score(e, with_questions, slope, offset) for e in data])
        for name, data in (("originals", tended), ("shipped corpus", shipped))
    }
    found = lowest_threshold(np.concatenate([each[kinds == "out-of-scope"] for each in scores.values()]))
    fitted = Weights(
        tended=with_questions,
        untended=without,
        untended_offset=shift,
        slope=round(slope, 4),
        offset=round(offset, 4),
        found=found,
        fitted_on="development questions over the five source documents",
    )
    for name, each in scores.items():
        shares = {str(kind): round(float(np.mean(each[kinds == kind] >= found)), 2) for kind in sorted(set(kinds))}
        print(f"at {found} answers, over the {name}: {shares}")
    print(write_weights(fitted))
    print("now", shipped_weights())
    if options.write:
        WEIGHTS_FILE.write_text(write_weights(fitted), encoding="utf-8")


def best_score(example: Example, weights: tuple[float, ...], slope: float, offset: float) -> float:
    """The score of the best candidate."""
    return float(1 / (1 + np.exp(-(slope * np.max(example.evidence @ np.array(weights)) + offset))))


def lowest_threshold(out_of_scope: Array) -> float:
    """The lowest score to answer from at which at most one in five questions about something else is answered."""
    return round(float(np.quantile(out_of_scope, 0.8)) + 0.005, 2)


if __name__ == "__main__":
    main()
