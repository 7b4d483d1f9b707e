"""Run every check over a corpus folder.

A file with a mistake in its front matter is told and left out; the others are examined all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.embedding import Vectors
from assistant.errors import Mistake
from assistant.knowledge import Accepted, Knowledge, read_knowledge
from ingest.checking.documents import check_documents, check_successions
from ingest.checking.findings import Finding, Severity, sift
from ingest.checking.markup import check_markup
from ingest.checking.statements import SAID_TWICE, Statement, check_statements, find_said_twice, statements_of
from ingest.checking.tables import check_tables
from ingest.checking.texts import Text
from ingest.dividing import divide_document
from ingest.loading.files import SIDECAR
from ingest.sources import Source, Sources, read_right_sources

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, wrong before doubtful, each in file order; what was let stand; and what there is."""

    findings: tuple[Finding, ...]
    accepted: int
    counts: dict[str, Any]

    @property
    def wrong(self) -> int:
        """How many things are wrong."""
        return sum(finding.severity is Severity.WRONG for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "wrong": self.wrong,
            "doubtful": len(self.findings) - self.wrong,
            "accepted": self.accepted,
            "corpus": self.counts,
        }


def examine_corpus(corpus_dir: Path, *, today: str, embed: Embed | None) -> Examination:
    """Check everything. `today` is a date; without `embed` statements that say the same are not looked for.

    A table that the folder lacks is the shipped one, which is used, and not itself examined.
    """
    knowledge, mistakes = read_knowledge(corpus_dir)
    # An empty table of places is one that could not be read: that is told, and not once more for every area.
    sources, more = read_right_sources(corpus_dir, areas=knowledge.places.names or None)
    findings = [_unreadable(mistake) for mistake in (*mistakes, *more)]
    findings += _warnings(corpus_dir, sources)
    texts = [_text(corpus_dir, source) for source in sources.sources]
    known_sources = frozenset(source.name for source in knowledge.sources)
    statements = [statement for text in texts for statement in statements_of(text, known_sources)]
    ids = {text.document.id for text in texts}
    tables = check_tables(knowledge, None if sources.left_out is None else ids | sources.left_out, today=today)
    findings += [finding for finding in tables if _is_in(corpus_dir, finding.mistake.where)]
    findings += check_documents(texts, knowledge, today=today)
    findings += check_successions(texts)
    for text in texts:
        findings += check_markup(text, texts, root=corpus_dir, left_out=sources.left_out)
    findings += check_statements(texts, statements, knowledge)
    if embed is not None:
        findings += find_said_twice(statements, embed([statement.words for statement in statements]))

    def was_looked_for(row: Accepted) -> bool:
        is_there = row.document in ids or (corpus_dir / "tables" / row.document).exists() or row.check == "left-out"
        return is_there and (embed is not None or row.check != SAID_TWICE)

    own = [row for row in knowledge.accepted if _is_in(corpus_dir, row.where)]
    kept, accepted = sift(findings, own, was_looked_for=was_looked_for)
    in_order = sorted(kept, key=lambda f: (f.severity is not Severity.WRONG, _place(f.mistake.where)))
    return Examination(tuple(in_order), accepted, count_corpus(texts, statements, knowledge))


def _unreadable(mistake: Mistake) -> Finding:
    return Finding("unreadable", mistake, document=Path(_place(mistake.where)[0]).name)


def _warnings(corpus_dir: Path, sources: Sources) -> Iterator[Finding]:
    """What reading the documents tells: fields that one lacks, and files that are none."""
    ids = {str(_file(corpus_dir, source)): source.document.id for source in sources.sources}
    for warning in sources.warnings:
        path, _ = _place(warning.where)
        id_ = ids.get(path) or ids.get(path.removesuffix(SIDECAR))
        yield Finding("missing-field" if id_ else "left-out", warning, document=id_ or Path(path).name)


def _text(corpus_dir: Path, source: Source) -> Text:
    path = _file(corpus_dir, source)
    raw = path.read_text(encoding="utf-8-sig") if path.suffix.lower() == ".md" else ""
    return Text(source, str(path), raw, tuple(divide_document(source.document, source.loaded)))


def _file(corpus_dir: Path, source: Source) -> Path:
    """The file of a document; the corpus folder may itself be one."""
    return corpus_dir / source.path if corpus_dir.is_dir() else corpus_dir


def _is_in(corpus_dir: Path, where: str) -> bool:
    return Path(_place(where)[0]).is_relative_to(corpus_dir)


def _place(where: str) -> tuple[str, int]:
    path, _, line = where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (where, 0)


def count_corpus(texts: Sequence[Text], statements: Sequence[Statement], knowledge: Knowledge) -> dict[str, Any]:
    """What there is, in numbers."""
    documents = [text.source.document for text in texts]
    divided = [each for text in texts for each in text.divided]
    return {
        "documents": len(documents),
        "documents by kind": dict(sorted(Counter(d.kind.value for d in documents).items())),
        "documents by status": dict(sorted(Counter(d.status.value for d in documents).items())),
        "documents about one place": sum(d.area is not None for d in documents),
        "passages": len(divided),
        "statements": len(statements),
        "words": sum(len(each.passage.text.split()) for each in divided),
        "questions written for passages": sum(len(each.questions) for each in divided),
        "sources named": len({name for d in documents for name in d.sources}),
        "rows of tables": {
            "vocabulary": len(knowledge.vocabulary),
            "places": len(knowledge.places.all),
            "towns": len(knowledge.towns),
            "bodies": len(knowledge.bodies),
            "local agreements": len(knowledge.agreements),
            "sources": len(knowledge.sources),
            "accepted doubts": len(knowledge.accepted),
        },
    }
