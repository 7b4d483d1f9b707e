"""Measures of a ranking, and how sure one can be of them.

In:   for each case, for each of its parts, the rank (from 1) of the first right passage, None when it was not found.
Out:  means over cases with 95% confidence intervals, by bootstrap over cases with a fixed seed.
Pure: no I/O.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Ranks = Sequence[int | None]
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over `count` cases with its 95% interval."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.2f}–{self.high:.2f})"

    @property
    def percent(self) -> str:
        """In whole percent, for a table: `87 (82–92)`."""
        if not self.count:
            return "–"
        return f"{100 * self.mean:.0f} ({100 * self.low:.0f}–{100 * self.high:.0f})"

    def as_json(self) -> dict[str, float | int | None]:
        """Fractions, to four places; null where nothing was measured."""
        mean, low, high = (round(v, 4) if self.count else None for v in (self.mean, self.low, self.high))
        return {"mean": mean, "low": low, "high": high, "count": self.count}


def recall_at(k: int) -> Callable[[Ranks], float]:
    """The share of a case's parts with a right passage among the first k."""
    return lambda ranks: sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Ranks) -> float:
    """One over the rank of the first right passage for any part, among the first ten."""
    found = [rank for rank in ranks if rank is not None and rank <= 10]
    return 1 / min(found) if found else 0.0


def ndcg(ranks: Ranks) -> float:
    """Normalised discounted gain over the first ten: a passage gains one for each part it is the first to meet.

    The ideal has the same passages in the best order, and one more for each part that none met.
    """
    met = Counter(rank for rank in ranks if rank is not None and rank <= 10)
    gain = sum(parts / math.log2(rank + 1) for rank, parts in met.items())
    ideal = [*sorted(met.values(), reverse=True), *[1] * (len(ranks) - met.total())]
    return gain / sum(parts / math.log2(place + 2) for place, parts in enumerate(ideal))


MEASURES: dict[str, Callable[[Ranks], float]] = {
    "recall@1": recall_at(1),
    "recall@3": recall_at(3),
    "recall@5": recall_at(5),
    "recall@10": recall_at(10),
    "MRR@10": reciprocal_rank,
    "nDCG@10": ndcg,
}


def measure(values: Sequence[float]) -> Measure:
    """The mean of these values, one a case, with its interval."""
    if not values:
        return Measure(math.nan, math.nan, math.nan, 0)
    array = np.asarray(values)
    random = np.random.default_rng(20261120)
    means = array[random.integers(0, len(array), (RESAMPLES, len(array)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Measure(float(array.mean()), float(low), float(high), len(array))
