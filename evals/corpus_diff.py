"""What differs between two corpora: documents, passages and rows of tables.

In:   two `Corpus`es, the older first.
Out:  a `CorpusDiff`: added and removed in the order of the corpus they stand in, changed in the order of the newer.
Same: a passage is known again by its words, whatever its id, first within its document: one whose id alone changed is
      a renamed one. What is left is known by its id, and has changed. Rows are known by the key of their table.
Pure: no I/O.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from assistant.sentences import sentence_spans
from assistant.text import as_statement
from assistant.values import Document, Passage

Value = str | tuple[str, ...] | None
"""A field or cell: text, a list, or None where nothing is written."""
T = TypeVar("T")
_WRITTEN_AS = {"url": "source_url"}
"""Fields of a Document that front matter calls otherwise."""


@dataclass(frozen=True, slots=True)
class Part:
    """A passage, where its file says it, and the questions written for it."""

    passage: Passage
    path: str
    line: int | None
    questions: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Path in the corpus, with the line where it is known."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        passage = self.passage
        return {"id": passage.id, "where": self.where, "locator": passage.locator, "text": passage.text}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: what it is known by, and its cells by column."""

    key: str
    cells: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a corpus folder's own."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is compared: each document with its path, by id; passages in reading order; tables by file name."""

    documents: Mapping[str, tuple[str, Document]]
    parts: tuple[Part, ...]
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else now. None: it is not there."""

    name: str
    before: Value
    after: Value

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {"field": self.name, "before": _listed(self.before), "after": _listed(self.after)}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document that stands in one of the two corpora, with how many passages it has."""

    id: str
    path: str
    title: str
    passages: int

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {"id": self.id, "path": self.path, "title": self.title, "passages": self.passages}


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document of which something differs: its fields, or, when there are none here, its passages alone."""

    id: str
    path: str
    title: str
    fields: tuple[FieldChange, ...]

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        fields = [each.as_json() for each in self.fields]
        return {"id": self.id, "path": self.path, "title": self.title, "fields": fields}


@dataclass(frozen=True, slots=True)
class PassageChange:
    """A passage that stands in both corpora, and what of it differs.

    went, came: sentences (a table's rows, read with their columns). Both are empty when the words are the same.
    fields:     its locator and headings.
    """

    before: Part
    after: Part
    went: tuple[str, ...]
    came: tuple[str, ...]
    questions_went: tuple[str, ...]
    questions_came: tuple[str, ...]
    fields: tuple[FieldChange, ...]

    @property
    def renamed(self) -> bool:
        """Whether it has another id, and the same words."""
        return self.before.passage.id != self.after.passage.id

    @property
    def set_out_otherwise(self) -> bool:
        """Whether its sentences are the same, and their order or what stands between them is not."""
        return self.before.passage.text != self.after.passage.text and not (self.went or self.came)

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "id": self.after.passage.id,
            "id_before": self.before.passage.id,
            "where": self.after.where,
            "sentences_went": list(self.went),
            "sentences_came": list(self.came),
            "questions_went": list(self.questions_went),
            "questions_came": list(self.questions_came),
            "fields": [each.as_json() for each in self.fields],
        }


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row whose cells differ."""

    key: str
    fields: tuple[FieldChange, ...]

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {"key": self.key, "fields": [each.as_json() for each in self.fields]}


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table of which something differs. `only_in` is "old" or "new" for one that the other corpus has not itself."""

    name: str
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[RowChange, ...]
    unchanged: int
    only_in: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "table": self.name,
            "only_in": self.only_in,
            "added": [_row(row) for row in self.added],
            "removed": [_row(row) for row in self.removed],
            "changed": [each.as_json() for each in self.changed],
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True, slots=True)
class CorpusDiff:
    """Everything that differs, and how much does not. Passages of added and removed documents are among the others."""

    documents_added: tuple[ListedDocument, ...]
    documents_removed: tuple[ListedDocument, ...]
    documents_changed: tuple[DocumentChange, ...]
    documents_unchanged: int
    passages_added: tuple[Part, ...]
    passages_removed: tuple[Part, ...]
    passages_changed: tuple[PassageChange, ...]
    passages_renamed: tuple[PassageChange, ...]
    passages_unchanged: int
    tables: tuple[TableChange, ...]
    rows_unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        documents = self.documents_added or self.documents_removed or self.documents_changed
        passages = self.passages_added or self.passages_removed or self.passages_changed or self.passages_renamed
        return not (documents or passages or self.tables)

    @property
    def new_ids(self) -> dict[str, str]:
        """For each renamed passage's old id, the new one."""
        return {each.before.passage.id: each.after.passage.id for each in self.passages_renamed}

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "documents": {
                "added": [each.as_json() for each in self.documents_added],
                "removed": [each.as_json() for each in self.documents_removed],
                "changed": [each.as_json() for each in self.documents_changed],
                "unchanged": self.documents_unchanged,
            },
            "passages": {
                "added": [each.as_json() for each in self.passages_added],
                "removed": [each.as_json() for each in self.passages_removed],
                "changed": [each.as_json() for each in self.passages_changed],
                "renamed": [each.as_json() for each in self.passages_renamed],
                "unchanged": self.passages_unchanged,
            },
            "tables": {"changed": [each.as_json() for each in self.tables], "rows_unchanged": self.rows_unchanged},
        }


def compare_corpora(old: Corpus, new: Corpus) -> CorpusDiff:
    """What differs."""
    pairs, removed, added = _pair_passages(old.parts, new.parts)
    differing = [change for pair in pairs if (change := _passage_change(*pair)) is not None]
    renamed = tuple(change for change in differing if change.renamed)
    changed = tuple(change for change in differing if not change.renamed)
    touched = {part.passage.document.id for part in (*removed, *added)}
    touched |= {part.passage.document.id for change in differing for part in (change.before, change.after)}
    both = [name for name in new.documents if name in old.documents]
    documents = [_document_change(name, old, new) for name in both]
    documents_changed = tuple(each for each in documents if each.fields or each.id in touched)
    tables = [_table_change(name, old, new) for name in dict.fromkeys([*new.tables, *old.tables])]
    return CorpusDiff(
        documents_added=tuple(_listed_document(name, new) for name in new.documents if name not in old.documents),
        documents_removed=tuple(_listed_document(name, old) for name in old.documents if name not in new.documents),
        documents_changed=documents_changed,
        documents_unchanged=len(both) - len(documents_changed),
        passages_added=tuple(added),
        passages_removed=tuple(removed),
        passages_changed=changed,
        passages_renamed=renamed,
        passages_unchanged=len(pairs) - len(differing),
        tables=tuple(each for each in tables if each.added or each.removed or each.changed or each.only_in),
        rows_unchanged=sum(each.unchanged for each in tables),
    )


def _pair_passages(old: Sequence[Part], new: Sequence[Part]) -> tuple[list[tuple[Part, Part]], list[Part], list[Part]]:
    """Passages that are the same or have changed, in the new order; those that went; those that came."""
    pairs: list[tuple[Part, Part]] = []
    gone, come = list(old), list(new)
    same: tuple[Callable[[Part], Hashable], ...] = (
        lambda part: (part.passage.id, part.passage.text),
        lambda part: (part.passage.document.id, part.passage.text),
        lambda part: part.passage.text,
        lambda part: part.passage.id,
    )
    for known_by in same:
        found, gone, come = _pair(gone, come, known_by)
        pairs += found
    order = {id(part): number for number, part in enumerate(new)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), gone, come


def _pair(
    old: Iterable[T], new: Iterable[T], known_by: Callable[[T], Hashable]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Pairs that are known by the same, in order; what is left of the old; what is left of the new."""
    waiting: defaultdict[Hashable, list[T]] = defaultdict(list)
    for each in old:
        waiting[known_by(each)].append(each)
    pairs, come = [], []
    for each in new:
        if mine := waiting[known_by(each)]:
            pairs.append((mine.pop(0), each))
        else:
            come.append(each)
    left = {id(each) for mine in waiting.values() for each in mine}
    return pairs, [each for each in old if id(each) in left], come


def _passage_change(before: Part, after: Part) -> PassageChange | None:
    """What differs; None when nothing does that a reader or a search would notice."""
    fields = _field_changes(
        {"locator": before.passage.locator, "headings": before.passage.heading_path},
        {"locator": after.passage.locator, "headings": after.passage.heading_path},
    )
    went, came = _went_and_came(_sentences(before.passage), _sentences(after.passage))
    questions_went, questions_came = _went_and_came(before.questions, after.questions)
    change = PassageChange(before, after, went, came, questions_went, questions_came, tuple(fields))
    differs = went or came or questions_went or questions_came or fields
    return change if differs or change.renamed or change.set_out_otherwise else None


def _sentences(passage: Passage) -> list[str]:
    text = passage.text
    return [as_statement(text[start:end], passage.columns) for start, end in sentence_spans(text)]


def _went_and_came(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _less(before, after), _less(after, before)


def _less(texts: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The texts, in order, less each as often as it is among the others."""
    left = Counter(others)
    out = []
    for text in texts:
        if left[text]:
            left[text] -= 1
        else:
            out.append(text)
    return tuple(out)


def _listed_document(name: str, corpus: Corpus) -> ListedDocument:
    path, document = corpus.documents[name]
    passages = sum(part.passage.document.id == name for part in corpus.parts)
    return ListedDocument(name, path, document.title, passages)


def _document_change(name: str, old: Corpus, new: Corpus) -> DocumentChange:
    path, document = new.documents[name]
    fields = _field_changes(_fields(*old.documents[name]), _fields(path, document))
    return DocumentChange(name, path, document.title, tuple(fields))


def _fields(path: str, document: Document) -> dict[str, Value]:
    """What its front matter says, by the names used there, and the file it stands in."""
    written = document.model_dump(mode="json", exclude={"id"})
    return {"file": path} | {_WRITTEN_AS.get(name, name): _value(value) for name, value in written.items()}


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(map(str, value)) or None
    return None if value in (None, "", ()) else str(value)


def _field_changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[FieldChange]:
    names = dict.fromkeys([*after, *before])
    changes = (FieldChange(name, before.get(name) or None, after.get(name) or None) for name in names)
    return [change for change in changes if change.before != change.after]


def _table_change(name: str, old: Corpus, new: Corpus) -> TableChange:
    before, after = old.tables.get(name), new.tables.get(name)
    same, gone, come = _pair(_rows(before), _rows(after), lambda row: (row.key, tuple(sorted(row.cells.items()))))
    pairs, removed, added = _pair(gone, come, lambda row: row.key)
    changed = [RowChange(a.key, tuple(_field_changes(b.cells, a.cells))) for b, a in pairs]
    only_in = "new" if before is None else "old" if after is None else None
    return TableChange(name, tuple(added), tuple(removed), tuple(changed), len(same), only_in)


def _rows(table: Table | None) -> tuple[Row, ...]:
    return table.rows if table else ()


def _row(row: Row) -> dict[str, Any]:
    return {"key": row.key, "row": {name: _listed(cell) for name, cell in row.cells.items()}}


def _listed(value: Value) -> str | list[str] | None:
    return list(value) if isinstance(value, tuple) else value
