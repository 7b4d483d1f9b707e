"""Read a whole corpus and say what is wrong or doubtful in it, by file and line, with the remedy.

In:   a corpus folder; vectors of its statements, where two that say the same are to be found.
Out:  an `Examination`: every finding in file order, and what there is.
Wrong is what an answer could not stand on (a statement without a source, a link that leads nowhere); doubtful is what
somebody should look at and may let stand, with a reason, in `tables/accepted.csv`.
"""

from __future__ import annotations

from ingest.checking.examination import Examination, examine_corpus
from ingest.checking.findings import CHECKS, Finding

__all__ = ["CHECKS", "Examination", "Finding", "examine_corpus"]
