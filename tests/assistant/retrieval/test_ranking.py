"""From evidence to one score."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.retrieval.ranking import EVIDENCE, Weights, calibrate, combine, order, shipped_weights, write_weights

WEIGHTS = Weights(
    tended=(1, 1, 1, 1, 1),
    untended=(2, 0, 0, 2, 0),
    untended_offset=-0.5,
    slope=1.0,
    offset=-1.0,
    found=0.5,
    fitted_on="nothing",
)


def test_passages_with_questions_and_without_are_weighed_by_weights_of_their_own() -> None:
    evidence = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.0, 0.0, 0.25, 0.9]])
    np.testing.assert_allclose(combine(evidence, np.array([True, False]), WEIGHTS), [1.5, 1.0])


def test_scores_are_between_nought_and_one_and_rise_with_the_sum() -> None:
    scores = calibrate(np.linspace(-50, 50, 101), WEIGHTS)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert (np.diff(scores) >= 0).all()


def test_best_comes_first_and_ties_keep_their_order() -> None:
    assert order([0.2, 0.9, 0.2, 0.5]) == [1, 3, 0, 2]
    assert order([]) == []


def test_shipped_weights_fit_the_evidence() -> None:
    weights = shipped_weights()
    assert len(weights.tended) == len(weights.untended) == len(EVIDENCE)
    assert 0 < weights.found < 1
    assert weights.slope > 0
    assert min(*weights.tended, *weights.untended) >= 0


@pytest.mark.parametrize("tended", [True, False])
def test_shipped_weights_find_what_agrees_and_not_what_does_not(tended: bool) -> None:
    weights = shipped_weights()
    asked = 1.0 if tended else 0.0
    evidence = np.array([[0.95, 0.95 * asked, 0.9 * asked, 0.9, 0.9], [0.1, 0.1 * asked, 0.1 * asked, 0.0, 0.0]])
    scores = calibrate(combine(evidence, np.array([tended, tended]), weights), weights)
    assert scores[0] > weights.found > scores[1]


def test_weights_survive_the_way_through_their_file() -> None:
    assert Weights.model_validate_json(write_weights(WEIGHTS)) == WEIGHTS
