"""The values that pass between stages: the first module to read.

Everything here is a frozen pydantic model and imports nothing of ours. The JSON that tools outside rely
on is the JSON of these models, field for field; `docs/architecture.md` draws the way they travel.

    Question -> read -> retrieve -> decide -> compose -> ground -> Answer
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A value that is made once and never changed; unknown fields are a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Kind(StrEnum):
    """What sort of document it is."""

    INSTRUMENT = "instrument"
    CODE = "code"
    GUIDANCE = "guidance"
    CASE_STUDY = "case-study"
    REVIEW = "review"
    LOCAL_COMPACT = "local-compact"


class DocumentStatus(StrEnum):
    """Whether a document speaks for today."""

    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    HISTORICAL = "historical"


class Theme(StrEnum):
    """The seven themes under which dealings with the sector fall."""

    FUNDING_PROCUREMENT = "funding_procurement"
    CONSULTATION_POLICY = "consultation_policy"
    MANAGING_CHANGE = "managing_change"
    VOLUNTEERING = "volunteering"
    EQUALITY = "equality"
    INDEPENDENCE = "independence"
    COMMUNITY_GROUPS = "community_groups"


class Document(Value):
    """A document as published, without its text.

    Dates are written as far as they are known: `2010`, `2010-12` or `2010-12-14`.
    """

    id: str
    title: str
    publisher: str | None = None
    published: str | None = None
    kind: Kind = Kind.GUIDANCE
    status: DocumentStatus = DocumentStatus.HISTORICAL
    url: str | None = Field(default=None, description="Where the original can be had; unset when nobody told us.")
    superseded_by: str | None = Field(default=None, description="The id of the document that replaced this one.")
    in_force_from: str | None = None
    in_force_until: str | None = None
    jurisdiction: str | None = None
    area: str | None = Field(default=None, description="The one place it is about; unset for a national document.")
    binds: str | None = None
    licence: str | None = None
    basis: str | None = Field(default=None, description="Whose words these are, and of which edition.")
    year: int | None = Field(default=None, description="The year of the events, for a case study.")
    themes: tuple[Theme, ...] = ()
    sources: tuple[str, ...] = Field(default=(), description="What it rests on, by the names of the table of sources.")
    last_checked: str | None = Field(default=None, description="When somebody last compared it with its sources.")
    checked_against: str | None = Field(default=None, description="What it was then compared with.")

    def in_force_on(self, date: dt.date) -> bool:
        """Whether it governed on this date.

        `in_force_until` is the last day; where only a month or year is known, force ended as that month or year began.
        """
        if self.in_force_from is None:
            return False
        day, until = date.isoformat(), self.in_force_until
        begun = self.in_force_from <= day[: len(self.in_force_from)]
        ended = until is not None and (day > until if len(until) == len(day) else day[: len(until)] >= until)
        return begun and not ended


class CitedDocument(Value):
    """What an answer says of a document it cites."""

    id: str
    title: str
    publisher: str | None = None
    published: str | None = None
    kind: Kind
    status: DocumentStatus
    url: str | None = None

    @classmethod
    def of(cls, document: Document) -> CitedDocument:
        """The part of a document that a citation shows."""
        return cls.model_validate(document.model_dump(include=set(cls.model_fields)))


class Passage(Value):
    """A stretch of one document, with where it stands in it.

    `text` is verbatim but for white space. `id` is `<document id>#<heading slugs>/<number or key>` and stays the
    same from one indexing to the next as long as the document does.
    """

    id: str
    document: Document
    heading_path: tuple[str, ...] = ()
    locator: str
    text: str
    columns: tuple[str, ...] = Field(default=(), description="Column names, when the passage is rows of a table.")


class ScoredPassage(Value):
    """A passage found for a query.

    `score` runs from 0 to 1 and means the same in every query: about how often a passage scored so is a right one.
    """

    passage: Passage
    score: float = Field(ge=0, le=1)


class Citation(Value):
    """A passage and the exact words in it that carry a statement. `quote` is a substring of the passage's text."""

    number: int = Field(ge=1)
    passage_id: str
    quote: str
    document: CitedDocument
    locator: str


class Force(StrEnum):
    """How strongly the words bind: read from the words themselves."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    NONE = "none"


class Addressee(StrEnum):
    """To which side a commitment is addressed."""

    PUBLIC_BODY = "public_body"
    VOLUNTARY_SECTOR = "voluntary_sector"
    BOTH = "both"
    NONE = "none"


class Statement(Value):
    """One sentence of an answer with the numbers of the citations that bear it out, at least one."""

    text: str
    citations: tuple[int, ...] = Field(min_length=1)
    force: Force = Force.NONE
    addressed_to: Addressee = Addressee.NONE


class Outcome(StrEnum):
    """What the rules say of a case."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    DEPENDS = "depends"


class Instrument(StrEnum):
    """Which agreement governs a case."""

    NATIONAL_COMPACT = "national_compact"
    LOCAL_COMPACT = "local_compact"
    COVENANT = "covenant"
    NONE = "none"
    UNCLEAR = "unclear"


class Fact(Value):
    """One thing known of a case, the words it was read from, and whence: question, conversation or default."""

    name: str
    value: str
    words: str
    origin: str = Field(alias="from")


class Reason(Value):
    """One sentence of why, with the citations it rests on."""

    text: str
    citations: tuple[int, ...] = Field(min_length=1)


class Branch(Value):
    """What the outcome would be if a missing fact had this value."""

    value: str
    outcome: Outcome


class MissingFact(Value):
    """A fact that would change the outcome, and the question that asks for it."""

    fact: str
    ask: str
    options: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = Field(default=(), alias="if")


class Verdict(Value):
    """What the decision table says of a case: from facts alone, never from a chat model."""

    outcome: Outcome
    instrument: Instrument
    themes: tuple[Theme, ...] = ()
    facts: tuple[Fact, ...] = ()
    reasons: tuple[Reason, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    confidence: float = Field(ge=0, le=1)


class AnswerStatus(StrEnum):
    """How a question was met."""

    ANSWERED = "answered"
    NEEDS_FACTS = "needs_facts"
    NOT_IN_GUIDANCE = "not_in_guidance"
    OUT_OF_SCOPE = "out_of_scope"
    DECLINED = "declined"


class NextStep(Value):
    """One thing to do next, with the citations it rests on, if any."""

    text: str
    citations: tuple[int, ...] = ()


class Question(Value):
    """A question as asked, checked, with the date and place it is asked for. Both are always set before reading."""

    text: str
    on: dt.date
    area: str | None = None
    audience: str | None = None
    conversation_id: str | None = None


class Answer(Value):
    """What a person is given. An answer that is not `answered` or `needs_facts` has no statements and no citations."""

    id: str
    question: str
    asked_on: dt.date
    area: str | None = None
    conversation_id: str | None = None
    status: AnswerStatus
    verdict: Verdict | None = None
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    caveats: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    composer: str
    generation: str
    timings_ms: dict[str, float] = Field(default_factory=dict)
