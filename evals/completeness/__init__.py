"""Whether the digests of the original documents say all that these say, and nothing else.

facts.py      the figures, dates and names of a text, and whether another text holds them
pairs.py      originals beside their digests, and what stands near what
measures.py   facts, paragraphs, rows and statements, each found or not
tables.py     the tables kept here: which source is which original, what is explained, what was read
suite.py      the evaluation `completeness`
"""

from evals.completeness.suite import run

__all__ = ["run"]
