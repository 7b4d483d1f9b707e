"""Measures on rankings small enough to work out by hand."""

from __future__ import annotations

import math

import pytest

from evals.metrics import MEASURES, measure, ndcg, recall_at, reciprocal_rank


def test_recall_counts_the_parts_met_within_k() -> None:
    assert recall_at(3)([1]) == 1
    assert recall_at(3)([3]) == 1
    assert recall_at(3)([4]) == 0
    assert recall_at(3)([None]) == 0
    assert recall_at(3)([2, 5]) == 0.5


def test_reciprocal_rank_is_that_of_the_first_right_passage_among_ten() -> None:
    assert reciprocal_rank([1]) == 1
    assert reciprocal_rank([4, 2]) == 0.5
    assert reciprocal_rank([11]) == 0
    assert reciprocal_rank([None, None]) == 0


def test_ndcg_falls_with_the_logarithm_of_the_rank() -> None:
    assert ndcg([1]) == 1
    assert ndcg([3]) == pytest.approx(0.5)
    assert ndcg([11]) == ndcg([None]) == 0


def test_ndcg_of_two_parts_in_the_first_two_places_is_one() -> None:
    assert ndcg([1, 2]) == ndcg([2, 1]) == pytest.approx(1)


def test_ndcg_of_two_parts_in_one_passage_is_one_when_it_comes_first() -> None:
    assert ndcg([1, 1]) == pytest.approx(1)
    assert ndcg([3, 3]) == pytest.approx(0.5)


def test_ndcg_of_one_part_of_two_is_its_share_of_the_ideal() -> None:
    assert ndcg([1, None]) == pytest.approx(1 / (1 + 1 / math.log2(3)))


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_runs_from_0_to_1(name: str) -> None:
    assert MEASURES[name]([1, 1]) <= 1
    assert MEASURES[name]([None]) == 0


def test_interval_holds_the_mean() -> None:
    for values in ([0.0, 1.0, 1.0], [1.0] * 5, [0.2, 0.4, 0.9, 1.0] * 10):
        seen = measure(values)
        assert seen.low <= seen.mean <= seen.high
        assert seen.count == len(values)


def test_interval_of_more_cases_is_narrower() -> None:
    few, many = measure([0.0, 1.0] * 10), measure([0.0, 1.0] * 100)

    assert many.high - many.low < few.high - few.low


def test_same_values_give_the_same_interval() -> None:
    assert measure([0.0, 1.0, 0.5]) == measure([0.0, 1.0, 0.5])


def test_nothing_measured_is_not_zero() -> None:
    nothing = measure([])

    assert math.isnan(nothing.mean)
    assert nothing.percent == "–"
    assert nothing.as_json() == {"mean": None, "low": None, "high": None, "count": 0}
