"""Check what the text says: that it can be found, stands by itself, is plain, and is said once. Pure: no I/O."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.embedding import Vectors
from assistant.knowledge import Knowledge
from assistant.retrieval.lexical import words as words_of
from assistant.sentences import sentence_spans
from assistant.text import plain
from ingest.checking.documents import names_in
from ingest.checking.findings import Finding
from ingest.checking.texts import Text
from ingest.dividing import Divided

SAID_TWICE = "said-twice"
"""The one check that needs vectors."""
FEWEST_QUESTIONS = 4
SAME_MEANING = 0.93
"""Cosine from which two statements are held to say the same. Chosen by reading pairs: of those above it that agree in
figures and names nearly all said one thing, below it ever fewer."""
FEWEST_WORDS = 7
"""Shorter statements are too alike by nature."""
_BLOCK = 1_024
_REFERS_BACK = re.compile(r"(?:It|They|He|She|This|These|Those|That|Its|Their)\b(?! (?:report|document|page)\b)")
_ABBREVIATION = re.compile(r"\b[A-Z](?:[A-Z&]{1,6}|[a-z]?[A-Z]{1,5})s?\b")
_NAME = re.compile(r"(?<=\w )[A-Z][\w'&-]+")
"""A word with a capital that does not begin a sentence."""
_SPELT_OUT = re.compile(r"\(([A-Z][A-Za-z&]{1,7}?)s?\)")
_EVERYBODY_KNOWS = frozenset(
    {"UK", "EU", "US", "GB", "BBC", "MP", "MPs", "PDF", "NHS", "VAT", "HM", "CEO", "ID", "IT", "TV", "UN", "OK", "FAQ"}
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a passage."""

    text: Text
    passage_id: str
    line: int | None
    words: str
    sources: frozenset[str]


def statements_of(text: Text, known_sources: Collection[str]) -> list[Statement]:
    """The sentences of a document's passages, in order, with the sources that their locators name."""
    out = []
    for each in text.divided:
        sources = frozenset(names_in(each.passage.locator, known_sources) or text.document.sources)
        for start, end in sentence_spans(each.passage.text):
            if "\t" in each.passage.text[start:end]:
                continue  # a row of a table says nothing by itself
            words = plain(each.passage.text[start:end])
            out.append(Statement(text, each.passage.id, each.line, words, sources))
    return out


def check_statements(texts: Sequence[Text], statements: Sequence[Statement], knowledge: Knowledge) -> Iterator[Finding]:
    """Questions, subjects and language."""
    yield from _questions(texts)
    yield from _subjects(texts)
    yield from _insider_language(texts, statements, knowledge)


def _questions(texts: Sequence[Text]) -> Iterator[Finding]:
    for text in texts:
        if not text.is_digest:
            continue
        first: dict[str, Divided] = {}
        for each in text.divided:
            if len(each.questions) < FEWEST_QUESTIONS:
                what = f"{len(each.questions)} questions are written for '{each.passage.text[:50]}…'."
                remedy = f"Write at least {FEWEST_QUESTIONS} below it, in words people use: `<!-- asked`, one a line."
                yield text.finding("few-questions", each.line, what, remedy, each.passage.id)
            for question in each.questions:
                key = " ".join(words_of(question))
                before = first.setdefault(key, each)
                if not _are_of_one_piece(before, each):
                    what = f"the question '{question}' is written for '{before.passage.id}' too."
                    remedy = "Leave it where it is answered best."
                    yield text.finding("same-question", text.line_of_question(question, each), what, remedy, question)


def _are_of_one_piece(first: Divided, second: Divided) -> bool:
    """Whether they are one passage, or parts of one that was too long, which share its questions and its locator."""
    return (first.questions, first.passage.heading_path, first.passage.locator) == (
        second.questions,
        second.passage.heading_path,
        second.passage.locator,
    )


def _subjects(texts: Sequence[Text]) -> Iterator[Finding]:
    for text in texts:
        for each in text.divided if text.is_digest else ():
            if found := _REFERS_BACK.match(plain(each.passage.text)):
                what = f"a passage begins '{each.passage.text[:50]}…': read alone, nobody knows who or what that is."
                yield text.finding("subject", each.line, what, "Name it.", f"{found.group()} {each.passage.text[:50]}")


def _insider_language(
    texts: Sequence[Text], statements: Sequence[Statement], knowledge: Knowledge
) -> Iterator[Finding]:
    """Abbreviations that neither the passage nor a table explains, once a document."""
    known = _known_forms(knowledge)
    explained: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for each in text.divided:
            explained[text.document.id].update(_SPELT_OUT.findall(each.passage.text))
    told: set[tuple[str, str]] = set()
    for statement in statements:
        document = statement.text.document.id
        for word in _ABBREVIATION.findall(statement.words):
            bare = word.removesuffix("s")
            fine = {word, bare} & (known | _EVERYBODY_KNOWS | explained[document])
            if fine or (document, bare) in told or statement.words.isupper():
                continue
            told.add((document, bare))
            what = f"nothing explains '{word}' in '{statement.words[:70]}…'."
            remedy = f"Write it out, with ({bare}) after it; or add it to a row of tables/vocabulary.yaml."
            yield statement.text.finding("insider-language", statement.line, what, remedy, bare)


def _known_forms(knowledge: Knowledge) -> set[str]:
    forms = {form for term in knowledge.vocabulary for form in term.forms}
    forms |= {name for body in knowledge.bodies for name in (body.name, *body.also)}
    forms |= {name for place in knowledge.places.all for name in place.names}
    forms |= {name for source in knowledge.sources for name in (source.name, source.publisher)}
    return {word for form in forms for word in re.findall(r"[A-Za-z&]+", form)} | forms


def find_said_twice(statements: Sequence[Statement], vectors: Vectors) -> Iterator[Finding]:
    """Pairs of statements of different passages whose vectors are as good as the same. `vectors` has a row for each.

    Two documents may tell one fact from one source, each for its own subject: that keeps itself true. Told twice in one
    document, or from different sources, it is to be looked at.
    """
    long_enough = np.array([len(s.words.split()) >= FEWEST_WORDS for s in statements])
    rows = np.flatnonzero(long_enough)
    kept = vectors[rows]
    figures = [frozenset(re.findall(r"\d+", statement.words)) for statement in statements]
    names = [frozenset(_NAME.findall(statement.words)) for statement in statements]
    for start in range(0, len(rows), _BLOCK):
        cosines = kept[start : start + _BLOCK] @ kept.T
        for i, j in np.argwhere(cosines >= SAME_MEANING):
            a, b = int(rows[start + i]), int(rows[j])
            if a >= b or statements[a].passage_id == statements[b].passage_id:
                continue
            if statements[a].text is not statements[b].text and statements[a].sources & statements[b].sources:
                continue
            if figures[a] != figures[b] or (names[a] - names[b] and names[b] - names[a]):
                continue  # one form, two facts: the year, the figure or the place differs
            yield _said_twice(statements[a], statements[b], float(cosines[i, j]))


def _said_twice(first: Statement, second: Statement, cosine: float) -> Finding:
    what = f"'{second.words}' says what '{first.words}' says in {first.passage_id} (likeness {cosine:.2f})."
    remedy = "Say it once, or make plain how the two differ."
    return second.text.finding(SAID_TWICE, second.line, what, remedy, f"{first.passage_id} {second.passage_id}")
