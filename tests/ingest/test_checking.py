"""`corpus check`: a small sound corpus, and what is told when one thing in it goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import Embedder, Vectors
from ingest.checking import CHECKS, Examination, examine_corpus
from ingest.checking.examination import Embed
from ingest.checking.findings import Severity
from ingest.checking.vectors import KEPT, embed_statements

TODAY = "2026-11-20"
FIRST, SECOND, LOCAL = "accord-2009.md", "accord-2024.md", "local/wexley-accord.md"
FILES = {
    FIRST: """\
---
id: accord-2009
title: "The first Accord: resources: status: and area: in one title"
publisher: "Office for Neighbours"
published: 2009-05
kind: instrument
status: superseded
superseded_by: accord-2024
in_force_from: 2009-05-01
in_force_until: 2024-02-29
jurisdiction: England
licence: "none stated"
sources: [Neighbours 2009, Lookback 2012]
last_checked: 2026-11-01
checked_against: "the printed text"
basis: "Our own digest of the first edition."
---
# The first Accord (digest)

## Ending money

A public body tells a charity at least twelve weeks before its grant ends. It gives the reasons in
writing. {#1.1 promise 1.1; Neighbours 2009}
<!-- asked
how much notice before a grant ends
may a council stop our funding from one day to the next
do we get reasons when the money stops
twelve weeks of warning for a grant
in the original: at least twelve weeks
-->

A charity says at once when it cannot spend what it was given, as [the later text](accord-2024) does too.
{#1.2 promise 1.2; as reported by Lookback 2012}
<!-- asked
what must a charity do with money it cannot use
do we have to own up to an underspend
we have grant money left over
who do we tell about unspent funds
-->
""",
    SECOND: """\
---
id: accord-2024
title: "The second Accord"
publisher: "Office for Neighbours"
published: 2024-03-01
kind: instrument
status: in-force
in_force_from: 2024-03-01
jurisdiction: England
licence: "OGL 3.0"
source_url: https://accord.example/second
sources: [Neighbours 2024]
last_checked: 2026-11-01
checked_against: "the page itself"
basis: "Our own digest of the second edition."
---
# The second Accord (digest)

## Being independent

Charities may campaign against a policy, whatever money they take from government. The voluntary and
community sector (VCS) was asked first. See [the page](https://accord.example/second), and
[promise 1.1](accord-2009#ending-money/1.1) of the first text. {#3.1 promise 3.1}
<!-- asked
can a funded charity criticise ministers
are we allowed to protest if the council pays us
may we join a march against a law
is campaigning all right for a funded group
-->

## Late payment

| Borough | Invoices paid late |
|---|---|
| Northfield | 14 |
| Southfield | 3 |

{table 2}
<!-- asked
how many invoices did Northfield pay late
which borough pays late
count of late invoices
late payment by borough
-->
""",
    LOCAL: """\
---
id: wexley-accord
title: "Wexley's own Accord"
publisher: "Wexley Borough Council"
published: 2011-06
kind: local-compact
status: in-force
in_force_from: 2011-06
area: Wexley
jurisdiction: England
licence: "none stated"
sources: [Wexley Council 2011]
last_checked: 2026-11-01
checked_against: "the council's page"
basis: "Our own digest."
---
# Wexley's own Accord (digest)

## Volunteers

Volunteers in Wexley get their bus fares back within ten days. {section 4}
<!-- asked
are volunteers paid their travel costs
how quickly are expenses refunded
bus fares for volunteers
when do helpers get their money back
-->
""",
    "tables/sources.csv": """\
name,title,publisher,published,licence,address
Neighbours 2009,The first Accord,Office for Neighbours,2009-05,none stated,
Neighbours 2024,The second Accord,Office for Neighbours,2024-03-01,OGL 3.0,https://accord.example/second
Wexley Council 2011,Wexley's own Accord,Wexley Borough Council,2011-06,,
Lookback 2012,A look back,Neighbours' Journal,2012,,
""",
    "tables/places.csv": """\
name,also,official_name,type,nation,region,county,combined_authority,from,until,replaced_by
Wexshire,,Wexshire County Council,County,England,South East,,,,,
Wexley,Wex,Wexley Borough Council,Non-metropolitan district,England,South East,Wexshire,,,,
Wexlow,,Wexlow District Council,Non-metropolitan district,England,South East,,,,2019-03-31,Greater Wexlow
Greater Wexlow,,Greater Wexlow Council,Unitary authority,England,South East,,,2019-04-01,,
""",
    "tables/towns.csv": """\
town,council,note
Wexham,Wexley,
Little Wexing,Wexley | Greater Wexlow,On the boundary.
""",
    "tables/bodies.csv": """\
name,also,kind,level,from,until,replaced_by,source,note
Office for Neighbours,OfN,department,national,,2010-05,Department for Neighbours,general public record,
Department for Neighbours,DfN | DN,department,national,2010-05,,,Neighbours 2024,
""",
    "tables/local-agreements.csv": """\
area,title,kind,made,revised,until,signatories,codes,binds,document,source,state,last_evidence,last_checked
Wexley,Wexley's own Accord,local-compact,2004,2008 | 2011-06,,Wexley Borough Council,,signatories,\
wexley-accord,Wexley Council 2011,seen-in-full,2011-06,2026-11-01
""",
    "tables/accepted.csv": """\
check,document,words,reason
""",
    "tables/vocabulary.yaml": """\
- term: notice
  also: [warning, heads-up]
  source: Neighbours 2009; Neighbours 2024
- term: grant
  also: [handout]
  source: spelling and everyday usage, no claim made
""",
}
SOURCES, PLACES, TOWNS = "tables/sources.csv", "tables/places.csv", "tables/towns.csv"
BODIES, AGREEMENTS = "tables/bodies.csv", "tables/local-agreements.csv"
ACCEPTED, VOCABULARY = "tables/accepted.csv", "tables/vocabulary.yaml"


@dataclass(frozen=True)
class Plant:
    """One mistake: what is changed where, and what is told of it.

    old:  what is replaced; "" writes the file anew.
    at:   words on the line that is named, as the file then stands; a number; None when only the file can be named.
    also: other checks that find something too.
    in_file: where it is told, when not in the file that was changed.
    """

    check: str
    file: str
    old: str
    new: str
    at: str | int | None
    seen: str
    remedy: str
    also: tuple[str, ...] = ()
    in_file: str = ""
    encoding: str = "utf-8"


LONG = "Volunteers hear what will be done and when, and are thanked for it every time that they help. " * 7
LAST_QUESTION = "when do helpers get their money back\n-->\n"
COMMENT = FILES[LOCAL][FILES[LOCAL].index("Volunteers in Wexley get") : FILES[LOCAL].index("<!-- asked")]
PLANTS = {
    # -- front matter
    "no front matter": Plant(
        "unreadable", LOCAL, FILES[LOCAL].partition("# W")[0], "", 1, "no front matter", "Begin the file with"
    ),
    "front matter not closed": Plant(
        "unreadable", LOCAL, '"Our own digest."\n---', '"Our own digest."', 1, "does not end", "Put a line of ---"
    ),
    "field misspelt": Plant(
        "unreadable", LOCAL, "publisher:", "publishr:", "publishr:", "no field 'publishr'", "Did you mean 'publisher'"
    ),
    "field twice": Plant(
        "unreadable", LOCAL, "area: W", "area: Wexley\narea: W", 10, "area stands here a second time", "Keep one"
    ),
    "needed field missing": Plant(
        "unreadable", LOCAL, 'basis: "Our own digest."\n', "", 1, "basis is missing", 'Add a line such as `basis: "'
    ),
    "field empty": Plant(
        "unreadable", LOCAL, 'title: "Wexley\'s own Accord"', "title:", "title:", "title has no value", "Write one"
    ),
    "not YAML": Plant("unreadable", LOCAL, 'title: "W', 'title: Rules: "W', "title:", "not YAML", "in double quotes"),
    "status unknown": Plant(
        "unreadable", LOCAL, "in-force\n", "replaced\n", "status:", "status is 'replaced'", "write 'superseded' and"
    ),
    "kind unknown": Plant(
        "unreadable", LOCAL, "kind: local-compact", "kind: leaflet", "kind:", "kind is 'leaflet'", "Use instrument,"
    ),
    "id with capitals": Plant(
        "unreadable",
        LOCAL,
        "id: wexley-accord",
        "id: Wexley Accord",
        "id:",
        "'Wexley Accord'",
        "'wexley-accord'",
    ),
    "date turned round": Plant(
        "unreadable", LOCAL, "published: 2011-06", "published: 30/06/2011", "published:", "'30/06/2011'", "2011-06-30"
    ),
    "date that does not exist": Plant(
        "unreadable",
        LOCAL,
        "in_force_from: 2011-06",
        "in_force_from: 2011-02-30",
        "in_force_from:",
        "2011-02-30",
        "Use year-month-day",
    ),
    "date in words": Plant(
        "unreadable",
        LOCAL,
        "last_checked: 2026-11-01",
        "last_checked: last week",
        "last_checked:",
        "'last week'",
        "Use year-month-day",
    ),
    "in force from after until": Plant(
        "unreadable",
        FIRST,
        "in_force_from: 2009-05-01",
        "in_force_from: 2025",
        "in_force_from:",
        "after in_force_until",
        "Write the earlier date",
    ),
    "area nobody knows": Plant(
        "unreadable", LOCAL, "area: Wexley", "area: Wexly", "area:", "area is 'Wexly'", "Did you mean 'Wexley'"
    ),
    "address without https": Plant(
        "unreadable",
        SECOND,
        "source_url: https://accord",
        "source_url: www.accord",
        "source_url:",
        "www.accord.example",
        "beginning with https://",
    ),
    "sources not a list": Plant(
        "unreadable",
        LOCAL,
        "[Wexley Council 2011]",
        "Wexley Council 2011",
        "sources:",
        "sources is not a list",
        "sources: [",
    ),
    "theme unknown": Plant(
        "unreadable",
        LOCAL,
        "area: Wexley",
        "area: Wexley\nthemes: [volunters]",
        "themes:",
        "'volunters'",
        "Did you mean 'volunteering'?",
    ),
    "superseded by nothing": Plant(
        "unreadable",
        FIRST,
        "superseded_by: accord-2024\n",
        "",
        "status: superseded",
        "no superseded_by says by what",
        "write `status: historical`",
    ),
    "successor that is no document": Plant(
        "unreadable",
        FIRST,
        "superseded_by: accord-2024",
        "superseded_by: accord-2042",
        "superseded_by:",
        "accord-2042",
        "Did you mean 'accord-2024'",
    ),
    "successor while in force": Plant(
        "unreadable",
        SECOND,
        "status: in-force",
        "status: in-force\nsuperseded_by: wexley-accord",
        "superseded_by:",
        "but status is 'in-force'",
        "take superseded_by out",
    ),
    "successors that go round": Plant(
        "unreadable",
        SECOND,
        "status: in-force",
        "status: superseded\nsuperseded_by: accord-2009\nin_force_until: 2025",
        "superseded_by:",
        "accord-2009 -> accord-2024 -> accord-2009",
        "the last none",
        also=("dates",),
        in_file=FIRST,
    ),
    "one id for two documents": Plant(
        "unreadable",
        SECOND,
        "id: accord-2024",
        "id: accord-2009",
        "id:",
        "accord-2009.md:2 has too",
        "another id",
        also=("broken-link", "unreadable"),
    ),
    "no words": Plant(
        "unreadable", LOCAL, FILES[LOCAL].partition("digest)\n")[2], "", None, "there is no word", "Put the document's"
    ),
    "licence missing": Plant(
        "missing-field", LOCAL, 'licence: "none stated"\n', "", 1, "licence is missing", "Add `licence:`"
    ),
    "publisher missing": Plant(
        "missing-field",
        LOCAL,
        'publisher: "Wexley Borough Council"\n',
        "",
        None,
        "publisher is not given",
        "# publisher:",
    ),
    "local text of no place": Plant(
        "missing-field", LOCAL, "area: Wexley\n", "", "kind:", "no area says whose", "Add `area:`"
    ),
    # -- sources
    "document without sources": Plant(
        "no-source", LOCAL, "sources: [Wexley Council 2011]\n", "", 1, "names no sources", "Add `sources: [NAME]`"
    ),
    "passage without a source": Plant(
        "no-source",
        FIRST,
        "promise 1.1; Neighbours 2009",
        "promise 1.1",
        "A public body",
        "'promise 1.1'",
        "as reported by NAME",
        also=("unused-source",),
    ),
    "document's source unknown": Plant(
        "unknown-source",
        LOCAL,
        "[Wexley Council 2011]",
        "[Wexley Council 2012]",
        "sources:",
        "Wexley Council 2012",
        "Did you mean 'Wexley Council 2011'?",
    ),
    "passage's source unknown": Plant(
        "unknown-source",
        LOCAL,
        "{section 4}",
        "{section 4; as reported by Wexley Councl 2011}",
        "Volunteers in",
        "Wexley Councl 2011",
        "Did you mean 'Wexley Council 2011'?",
    ),
    "body's source unknown": Plant(
        "unknown-source",
        BODIES,
        "Neighbours 2024",
        "Neighbours 2042",
        "Neighbours 2042",
        "'Neighbours 2042'",
        "Did you mean 'Neighbours 20",
    ),
    "agreement's source unknown": Plant(
        "unknown-source",
        AGREEMENTS,
        "Council 2011,seen",
        "Council 1911,seen",
        2,
        "'Wexley Council 1911'",
        "'general public record'",
    ),
    "word's source unknown": Plant(
        "unknown-source",
        VOCABULARY,
        "Neighbours 2024",
        "Hearsay",
        1,
        "the row 'notice' has the source 'Hearsay'",
        "with ; between",
    ),
    "source that is not listed": Plant(
        "unlisted-source",
        LOCAL,
        "{section 4}",
        "{section 4; Lookback 2012}",
        "Volunteers in",
        "'Lookback 2012'",
        "Add 'Lookback 2012' to `sources:`",
    ),
    "source that nothing names": Plant(
        "unused-source",
        FIRST,
        "Lookback 2012]",
        "Lookback 2012, Neighbours 2024]",
        "sources: [",
        "'Neighbours 2024'",
        "take it out of `sources:`",
    ),
    # -- locators, headings, length
    "text after the last locator": Plant(
        "no-locator",
        LOCAL,
        LAST_QUESTION,
        f"{LAST_QUESTION}\nDrivers are thanked.\n",
        "Drivers",
        "'Drivers are",
        "End it with where",
        also=("few-questions",),
    ),
    "text before a heading": Plant(
        "no-locator",
        SECOND,
        "## Late",
        "Nobody waits.\n\n## Late",
        "Nobody",
        "'Nobody waits",
        "End it with where",
        also=("few-questions",),
    ),
    "no locator at all": Plant(
        "no-locator",
        LOCAL,
        "ten days. {section 4}",
        "ten days.",
        "Volunteers in",
        "'Volunteers in",
        "End it with where",
    ),
    "braces that are no locator": Plant(
        "bad-locator",
        LOCAL,
        "Volunteers in Wexley",
        "Volunteers {all} in Wexley",
        "Volunteers {all}",
        "no locator",
        "A locator ends a paragraph",
    ),
    "brace that is not closed": Plant(
        "bad-locator",
        LOCAL,
        "{section 4}",
        "{section 4",
        "Volunteers in",
        "{section 4",
        "A locator ends a paragraph",
        also=("no-locator",),
    ),
    "too long": Plant(
        "too-long", LOCAL, "Volunteers in", f"{LONG}\n\n{LONG}\n\nVolunteers in", 21, "at most 1,100", "Divide it"
    ),
    "heading without text": Plant(
        "empty-heading",
        LOCAL,
        "## Vol",
        "## Drivers\n\n## Vol",
        "## Drivers",
        "'Drivers'",
        "Write its text",
        also=("few-questions",),
    ),
    "heading at the end": Plant(
        "empty-heading",
        LOCAL,
        LAST_QUESTION,
        f"{LAST_QUESTION}\n## Drivers\n",
        "## Drivers",
        "'Drivers'",
        "Write its",
        also=("few-questions",),
    ),
    "two passages with one id": Plant(
        "same-passage-id", FIRST, "{#1.2", "{#1.1", "A charity says", "accord-2009#ending-money/1.1", "another key"
    ),
    # -- characters, notes, comments
    "apostrophe broken when saved": Plant(
        "bad-characters",
        LOCAL,
        "Volunteers in",
        "Volunteersâ€™ friends in",
        "Volunteersâ",
        "'Volunteersâ€™",
        "Type them",
    ),
    "letter lost when saved": Plant(
        "bad-characters", LOCAL, "bus fares back", "caf\ufffd bills back", "caf", "caf\ufffd", "save as UTF-8"
    ),
    "control character": Plant(
        "unreadable", LOCAL, "bus fares back", "bus\x00fares back", "bus\x00", "U+0000", "without control characters"
    ),
    "not UTF-8": Plant(
        "unreadable",
        LOCAL,
        "bus fares back",
        "café bills back",
        "bills back",
        "byte 0xe9",
        "Save the file as UTF-8",
        encoding="latin-1",
    ),
    "note to oneself": Plant(
        "unfinished", LOCAL, "ten days", "TBC days", "TBC", "'TBC'", "Finish it", also=("insider-language",)
    ),
    "question marks for a fact": Plant(
        "unfinished", LOCAL, "section 4", "section ???", "section ?", "'???'", "Finish it"
    ),
    "comment never closed": Plant(
        "lost-comment",
        LOCAL,
        LAST_QUESTION,
        "",
        "<!-- asked",
        "never closed",
        "Close it with `-->`",
        also=("few-questions", "no-locator"),
    ),
    "comment closed by the next": Plant(
        "lost-comment",
        FIRST,
        "in the original: at least twelve weeks\n-->",
        "",
        24,
        "not closed before the next",
        "Close it with `-->`",
        also=("unused-source",),
    ),
    "comment misspelt": Plant(
        "lost-comment",
        LOCAL,
        "<!-- asked",
        "<!-- aksed",
        "<!-- aksed",
        "nothing reads this comment: it begins 'aksed",
        "begins `<!-- asked`",
        also=("few-questions",),
    ),
    "comment above its passage": Plant(
        "lost-comment",
        LOCAL,
        COMMENT,
        "",
        21,
        "no passage stands above 'are volunteers paid",
        "below",
        also=("few-questions", "empty-heading"),
    ),
    "comment inside a paragraph": Plant(
        "lost-comment",
        LOCAL,
        "{section 4}\n",
        "{section 4} ",
        "<!-- asked",
        "no passage stands above",
        "on lines of its own",
        also=("few-questions",),
    ),
    "tie of one word": Plant(
        "bad-tie", FIRST, "at least twelve weeks\n-", "twelve\n-", "in the original", "'twelve' has 1 words", "4 to 11"
    ),
    "tie of a whole sentence": Plant(
        "bad-tie", FIRST, "at least twelve weeks\n-", f"{LONG[:94]}\n-", "in the original", "has 18 words", "4 to 11"
    ),
    "tie without a question": Plant(
        "bad-tie",
        FIRST,
        "how much notice",
        "in the original: at least ten weeks\nhow much notice",
        "in the original: at least ten",
        "no question stands above",
        "below the questions",
    ),
    "few questions": Plant(
        "few-questions", LOCAL, "bus fares for volunteers\n", "", "Volunteers in", "3 questions", "Write at least 4"
    ),
    "question of another passage": Plant(
        "same-question",
        FIRST,
        "who do we tell about unspent funds",
        "How much notice before a grant ends?",
        "How much notice",
        "'accord-2009#ending-money/1.1' too",
        "where it is answered best",
    ),
    # -- dates, and when it was checked
    "superseded since nobody knows when": Plant(
        "dates", FIRST, "in_force_until: 2024-02-29\n", "", "status: superseded", "until when", "Add `in_force_until:`"
    ),
    "in force since nobody knows when": Plant(
        "dates", LOCAL, "in_force_from: 2011-06\n", "", "status: in", "from when", "Add `in_force_from:`"
    ),
    "in force though it ended": Plant(
        "dates",
        LOCAL,
        "area: W",
        "in_force_until: 2020-03\narea: W",
        "in_force_until:",
        "'2020-03'",
        "status: superseded",
    ),
    "in force from a day to come": Plant(
        "dates",
        LOCAL,
        "in_force_from: 2011-06",
        "in_force_from: 2027",
        "in_force_from:",
        "'2027', which is to come",
        "Correct",
    ),
    "published on a day to come": Plant(
        "dates",
        LOCAL,
        "published: 2011-06",
        "published: 2026-12",
        "published:",
        "'2026-12', which is to come",
        "Correct",
    ),
    "checked on a day to come": Plant(
        "dates",
        LOCAL,
        "last_checked: 2026-11-01",
        "last_checked: 2026-11-21",
        "last_checked:",
        "'2026-11-21'",
        "Correct",
    ),
    "gap between editions": Plant(
        "dates",
        FIRST,
        "until: 2024-02-29",
        "until: 2023-11",
        "in_force_until:",
        "'accord-2024', which replaced it, began",
        "say what governed between",
    ),
    "editions that overlap": Plant(
        "dates",
        FIRST,
        "until: 2024-02-29",
        "until: 2025-01",
        "in_force_until:",
        "had begun in 2024-03-01",
        "Let the one",
    ),
    "checked never": Plant(
        "not-checked", LOCAL, "last_checked: 2026-11-01\n", "", 1, "last_checked is missing", "Add `last_checked:`"
    ),
    "checked against nothing": Plant(
        "not-checked",
        LOCAL,
        'checked_against: "the council\'s page"\n',
        "",
        "last_checked:",
        "checked_against is missing",
        "`checked_against:` with what",
    ),
    "checked long ago": Plant(
        "not-checked",
        LOCAL,
        "last_checked: 2026-11-01",
        "last_checked: 2024-11",
        "last_checked:",
        "on 2024-11, over two",
        "write today's date",
    ),
    # -- links and citations
    "link to no document": Plant(
        "broken-link", FIRST, "(accord-2024)", "(accord-2042)", "A charity says", "'accord-2042'", "a document's id"
    ),
    "link to no passage": Plant(
        "broken-link",
        SECOND,
        "#ending-money/1.1",
        "#ending-money/9",
        "[promise 1.1]",
        "/9' leads nowhere",
        "passage's id",
    ),
    "link to a passage of another document": Plant(
        "broken-link", SECOND, "accord-2009#ending", "#ending", "[promise 1.1]", "'#ending-money/1.1'", "a passage's id"
    ),
    "link to no file": Plant(
        "broken-link", FIRST, "(accord-2024)", "(old/text.html)", "A charity says", "'old/text.html'", "a file of this"
    ),
    "link out of the folder": Plant(
        "broken-link", FIRST, "(accord-2024)", "(../outside.md)", "A charity says", "'../outside.md'", "a file of this"
    ),
    "link to no address": Plant(
        "broken-link",
        FIRST,
        "(accord-2024)",
        "(https://accord)",
        "A charity says",
        "'https://accord' is no",
        "the whole",
    ),
    "link to a broken address": Plant(
        "broken-link", FIRST, "(accord-2024)", "(http://[::1/x)", "A charity says", "'http://[::1/x' is no", "the whole"
    ),
    "link with https misspelt": Plant(
        "broken-link", FIRST, "(accord-2024)", "(htps://accord.example)", "A charity says", "htps://", "a whole https"
    ),
    "link with a nought byte": Plant(
        "broken-link", FIRST, "(accord-2024)", "(a%00b)", "A charity says", "'a%00b'", "a file of this folder"
    ),
    "agreement's document unknown": Plant(
        "broken-link",
        AGREEMENTS,
        "wexley-accord,",
        "wexley-acord,",
        2,
        "'wexley-acord'",
        "Did you mean 'wexley-accord'?",
        also=("area",),
    ),
    "acceptance by no check": Plant(
        "broken-link",
        ACCEPTED,
        "reason\n",
        "reason\ndate,wexley-accord,,We know.\n",
        "date,",
        "no check 'date'",
        "Did you mean 'dates'",
    ),
    "acceptance of what is wrong": Plant(
        "broken-link",
        ACCEPTED,
        "reason\n",
        "reason\nno-source,wexley-accord,,We know.\n",
        2,
        "cannot be let stand",
        "Mend it",
    ),
    "acceptance for no document": Plant(
        "broken-link",
        ACCEPTED,
        "reason\n",
        "reason\ndates,wexly-accord,,We know.\n",
        2,
        "'wexly-accord'",
        "Did you mean 'wexley-accord'?",
    ),
    "acceptance of nothing": Plant(
        "needless-acceptance",
        ACCEPTED,
        "reason\n",
        "reason\ndates,accord-2009,gap,We know.\n",
        2,
        "for 'dates' in 'accord-2009' about 'gap'",
        "Take the row out",
    ),
    "acceptance without a reason": Plant(
        "unreadable", ACCEPTED, "reason\n", "reason\ndates,accord-2009,gap,\n", 2, "reason is empty", "Fill it in"
    ),
    # -- what it says
    "passage that begins with They": Plant(
        "subject", LOCAL, "Volunteers in Wexley get", "They get", "They get", "'They get their", "Name it"
    ),
    "abbreviation nobody explains": Plant(
        "insider-language", LOCAL, "Volunteers in", "LSCB volunteers in", "LSCB", "'LSCB'", "with (LSCB) after it"
    ),
    "one thing said twice": Plant(
        "said-twice",
        FIRST,
        "A charity says at once",
        "A public body must tell a charity at least twelve weeks before its grant ends. A charity says at once",
        "A public body must",
        "in accord-2009#ending-money/1.1 (likeness 0.9",
        "Say it once",
    ),
    # -- tables
    "local text in no row": Plant(
        "area",
        AGREEMENTS,
        "wexley-accord,",
        "accord-2009,",
        1,
        "no row of tables/local-agreements.csv",
        "Add a row",
        in_file=LOCAL,
    ),
    "local text of another area": Plant(
        "area",
        AGREEMENTS,
        "\nWexley,",
        "\nWexlow,",
        "area: W",
        "tables/local-agreements.csv has Wexlow",
        "the same place",
        in_file=LOCAL,
    ),
    "file nobody reads": Plant(
        "left-out", "figures.xlsx", "", "PK", None, "'.xlsx' cannot be read", "Files that end in"
    ),
    "name of two councils": Plant(
        "ambiguous-name",
        PLACES,
        "Greater Wexlow,,G",
        "Greater Wexlow,Wex,G",
        "Greater Wexlow,W",
        "'wex' names",
        "for one",
    ),
    "town with a council's own name": Plant(
        "ambiguous-name", TOWNS, "Wexham,", "Wex,", "Wex,", "'Wex' is a council's own name", "Take the row out"
    ),
    "two rows for a word": Plant(
        "ambiguous-name", VOCABULARY, "term: grant", "term: Notice", "Notice", "'Notice' has two rows", "Make them one"
    ),
    "form of one letter": Plant(
        "ambiguous-name", VOCABULARY, "[handout]", "[g]", 4, "'g', which is too short", "Take it out"
    ),
    "place that ended long before the next": Plant(
        "dates", PLACES, "2019-04-01", "2020-04-01", "2019-03-31", "ended on 2019-03-31", "until is the last day"
    ),
    "body from after until": Plant(
        "dates", BODIES, ",2010-05,,,N", ",2012-05,2011,,N", 3, "from is 2012-05", "Write its first day"
    ),
    "body replaced but not ended": Plant(
        "dates", BODIES, "national,,2010-05,", "national,,,", 2, "but until is empty", "Write when it ended"
    ),
    "body that ended after its successor": Plant(
        "dates",
        BODIES,
        ",2010-05,,,N",
        ",,2009,,N",
        2,
        "after its successor 'Department for",
        "Correct one of the dates",
    ),
    "revised before it was made": Plant(
        "dates", AGREEMENTS, "2008 | 2011-06", "2003 | 2011-06", 2, "2004 stands before 2003", "Put made, revised"
    ),
    "agreement checked on a day to come": Plant(
        "dates", AGREEMENTS, "2011-06,2026-11-01", "2011-06,2027", 2, "'2027', which is to come", "Correct the date"
    ),
    "date in a table turned round": Plant(
        "unreadable", PLACES, "2019-03-31", "31/03/2019", "31/03/2019", "until is '31/03/2019'", "2019-03-31"
    ),
    "date in a table that may mean two": Plant(
        "unreadable",
        BODIES,
        ",2010-05,,,N",
        ",01/04/2010,,,N",
        "01/04/2010",
        "turned round",
        "2010-04-01 or 2010-01-04",
        also=("unreadable",),
    ),
    "column missing": Plant(
        "unreadable", TOWNS, "town,council,note", "town,council", 1, "no column 'note'", "Use the columns town,council"
    ),
    "column misnamed": Plant(
        "unreadable", SOURCES, "licence", "license", 1, "unknown column 'license'", "Use the columns name,title"
    ),
    "table of places with its head misnamed": Plant(
        "unreadable", PLACES, "name,also", "Places,also", 1, "no column 'name'", "Use the columns name,also"
    ),
    "empty table": Plant("unreadable", TOWNS, "", "\n", 1, "the table is empty", "first line: town,council,note"),
    "comma in a cell": Plant(
        "unreadable", TOWNS, "On the boundary.", "On the line, as it is.", 3, "too many cells: 4", "Quote a cell"
    ),
    "comma in curly quotes": Plant(
        "unreadable", TOWNS, "On the boundary.", "“On the line, as it is.”", 3, "too many cells", "straight quotes"
    ),
    "cell missing": Plant(
        "unreadable", TOWNS, "Wexham,Wexley,", "Wexham,Wexley", 2, "too few cells: 2", "Quote a cell"
    ),
    "needed cell empty": Plant(
        "unreadable", BODIES, "DN,department,n", "DN,,n", 3, "kind is empty", "Fill it in", also=("unreadable",)
    ),
    "choice misspelt": Plant(
        "unreadable",
        TOWNS.replace("towns", "local-agreements"),
        "seen-in-full",
        "seen-in-ful",
        2,
        "state is 'seen-in-ful'",
        "Did you mean 'seen-in-full'",
    ),
    "town's council unknown": Plant(
        "unreadable", TOWNS, "Wexham,Wexley", "Wexham,Wexly", 2, "council is 'Wexly'", "Did you mean 'Wexley'"
    ),
    "county unknown": Plant(
        "unreadable",
        PLACES,
        "East,Wexshire",
        "East,Wexshyre",
        "Wexshyre",
        "county is 'Wexshyre'",
        "Did you mean 'Wexshire'",
    ),
    "agreement's area unknown": Plant(
        "unreadable", AGREEMENTS, "\nWexley,", "\nWexly,", 2, "area is 'Wexly'", "Did you mean 'Wexley'", also=("area",)
    ),
    "two rows for a place": Plant(
        "unreadable",
        PLACES,
        "Wexshire,,W",
        "Wexley,,W",
        3,
        "the place 'Wexley' stands in",
        "tell them apart",
        also=("unreadable",),
    ),
    "place replaced by nobody known": Plant(
        "unreadable",
        PLACES,
        "31,Greater Wexlow",
        "31,Grater Wexlow",
        4,
        "'Grater Wexlow'",
        "Did you mean 'Greater Wexlow'",
    ),
    "places that replace each other": Plant(
        "unreadable",
        PLACES,
        "2019-04-01,,",
        "2019-04-01,2023,Wexlow",
        4,
        "back to itself",
        "the last none",
        also=("unreadable",),
    ),
    "bodies that replace each other": Plant(
        "unreadable",
        BODIES,
        "2010-05,,,N",
        "2010-05,2012,Office for Neighbours,N",
        2,
        "back to itself",
        "the last none",
        also=("unreadable", "dates"),
    ),
    "place replaced but not ended": Plant(
        "unreadable", PLACES, "2019-03-31", "", 4, "but until is empty", "Write its last day"
    ),
    "table that is not UTF-8": Plant(
        "unreadable", TOWNS, "boundary.", "café.", 3, "byte 0xe9 is not UTF-8", "CSV UTF-8", encoding="latin-1"
    ),
    "places that are not UTF-8": Plant(
        "unreadable", PLACES, "Wex,", "Wéx,", 3, "byte 0xe9 is not UTF-8", "CSV UTF-8", encoding="latin-1"
    ),
    "vocabulary that is no YAML": Plant(
        "unreadable", VOCABULARY, "[handout]", "[handout: x", 6, "this is not YAML", "quote text that has a colon"
    ),
    "vocabulary with a field misspelt": Plant(
        "unreadable", VOCABULARY, "also: [handout]", "aslo: [handout]", 4, "aslo", "A row has term and source"
    ),
}
"""Every mistake that is planted, by what it is."""


def put(root: Path, file: str, text: str, encoding: str = "utf-8") -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_bytes(text.encode(encoding))


def change(root: Path, file: str, old: str, new: str, encoding: str = "utf-8") -> None:
    text = (root / file).read_text(encoding="utf-8") if old else ""
    assert text.count(old) == 1 or not old, (file, old)
    put(root, file, text.replace(old, new) if old else new, encoding)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The sound corpus, to be changed."""
    for name, text in FILES.items():
        put(tmp_path / "corpus", name, text)
    put(tmp_path, "outside.md", "Not of the corpus.\n")
    return tmp_path / "corpus"


@pytest.fixture(scope="module")
def embed(embedder: Embedder) -> Embed:
    """The real model; each text is embedded once."""
    held: dict[str, Vectors] = {}

    def run(texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in held]
        if new:
            held.update(zip(new, embedder.embed(new), strict=True))
        return np.array([held[text] for text in texts], dtype=np.float32)

    return run


def examine(corpus: Path, embed: Embed | None = None) -> Examination:
    return examine_corpus(corpus, today=TODAY, embed=embed)


def told(examination: Examination) -> list[tuple[str, str]]:
    """Each finding as its check and the file and line, without the folder."""
    return [(f.check, f.mistake.where.partition("/corpus/")[2]) for f in examination.findings]


def line_of(path: Path, words: str, encoding: str) -> int:
    lines = path.read_text(encoding=encoding).split("\n")
    [line] = [number for number, line in enumerate(lines, 1) if words in line]
    return line


def test_sound_corpus_has_nothing_wrong_and_nothing_doubtful(corpus: Path, embed: Embed) -> None:
    found = examine(corpus, embed)
    assert [str(f) for f in found.findings] == []
    assert (found.wrong, found.accepted) == (0, 0)
    assert (found.counts["documents"], found.counts["passages"]) == (3, 5)


@pytest.mark.parametrize("name", PLANTS)
def test_planted_mistake_is_told_by_file_and_line_with_what_is_seen_and_what_to_do(
    corpus: Path, embed: Embed, name: str
) -> None:
    plant = PLANTS[name]
    change(corpus, plant.file, plant.old, plant.new, plant.encoding)
    file = plant.in_file or plant.file
    line = line_of(corpus / file, plant.at, plant.encoding) if isinstance(plant.at, str) else plant.at
    where = f"{corpus / file}:{line}" if line else str(corpus / file)

    examination = examine(corpus, embed)

    everything = "\n".join(map(str, examination.findings))
    here = [f for f in examination.findings if (f.check, f.mistake.where) == (plant.check, where)]
    found = [f for f in here if plant.seen in f.mistake.what]
    assert len(found) == 1, everything
    assert plant.remedy in found[0].mistake.remedy
    assert {f.check for f in examination.findings} == {plant.check, *plant.also}, everything
    assert len(examination.findings) == 1 or plant.also, everything
    assert (examination.wrong > 0) is any(f.severity is Severity.WRONG for f in examination.findings)


def test_every_check_is_planted_at_least_once() -> None:
    assert {plant.check for plant in PLANTS.values()} == set(CHECKS)
    assert len(PLANTS) >= 45


def test_same_questions_below_two_passages_are_told_though_the_whole_list_is_copied(corpus: Path) -> None:
    first, second = (part.partition("-->")[0] for part in FILES[FIRST].split("<!-- asked\n")[1:])
    change(corpus, FIRST, second, first.partition("in the original")[0])
    assert told(examine(corpus)) == [("same-question", f"{FIRST}:{line}") for line in (35, 36, 37, 38)]


def test_statements_that_say_the_same_are_told_apart_by_year_and_figure(corpus: Path, embed: Embed) -> None:
    change(
        corpus, FIRST, "A charity says at once", "In Wexley 12 of 14 bodies answered the questions in time. A charity"
    )
    change(corpus, SECOND, "Charities may", "In Wexley 13 of 14 bodies answered the questions in time. Charities may")
    assert told(examine(corpus, embed)) == []


def test_two_documents_may_say_the_same_of_one_source_but_not_of_two(corpus: Path, embed: Embed) -> None:
    same = "A public body must tell a charity at least twelve weeks before its grant ends."
    change(corpus, SECOND, "Charities may campaign", f"{same} Charities may campaign")
    assert told(examine(corpus, embed)) == [("said-twice", f"{SECOND}:21")]
    change(corpus, SECOND, "sources: [Neighbours 2024]", "sources: [Neighbours 2009]")
    assert told(examine(corpus, embed)) == []


def test_quick_look_does_not_search_for_statements_that_say_the_same(corpus: Path) -> None:
    plant = PLANTS["one thing said twice"]
    change(corpus, plant.file, plant.old, plant.new)
    assert told(examine(corpus)) == []


# -- several mistakes at once ----------------------------------------------------------------------------------------


def test_mistakes_in_several_files_are_told_at_once_wrong_before_doubtful_in_file_order(corpus: Path) -> None:
    change(corpus, FIRST, "in_force_until: 2024-02-29\n", "")
    change(corpus, FIRST, "who do we tell about unspent funds\n", "")
    change(corpus, SECOND, "accord-2009#ending-money/1.1", "accord-2009#ending-money/9")
    change(corpus, SECOND, "Charities may", "Charitiesâ€™ leaders may")
    change(corpus, LOCAL, "kind: local-compact", "kind: leaflet")
    change(corpus, TOWNS, "Wexham,Wexley,", "Wexham,Wexly,")
    change(corpus, VOCABULARY, "[handout]", "[g]")
    assert told(examine(corpus)) == [
        ("bad-characters", f"{SECOND}:21"),
        ("broken-link", f"{SECOND}:23"),
        ("unreadable", f"{LOCAL}:6"),
        ("unreadable", f"{TOWNS}:2"),
        ("dates", f"{FIRST}:7"),
        ("few-questions", f"{FIRST}:31"),
        ("ambiguous-name", f"{VOCABULARY}:4"),
    ]


BROKEN = {
    "front matter": ("kind: local-compact", "kind: leaflet", "utf-8"),
    "id": ("id: wexley-accord", "id: Wexley", "utf-8"),
    "encoding": ("bus fares back", "café bills back", "latin-1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_hides_no_mistake_in_others_and_is_not_told_as_missing(corpus: Path, name: str) -> None:
    old, new, encoding = BROKEN[name]
    change(corpus, LOCAL, old, new, encoding)
    change(corpus, FIRST, "A charity says at once", "See [Wexley](wexley-accord#volunteers/1). It says at once")
    change(corpus, FIRST, 'publisher: "Office for Neighbours"\n', "")
    change(corpus, SECOND, "status: in-force\n", "")
    put(corpus, "notes.xlsx", "PK")
    found = examine(corpus)
    assert sorted(check for check, _ in told(found)) == ["left-out", "missing-field", "unreadable", "unreadable"]
    assert found.counts["documents"] == 1


def test_document_that_another_replaced_is_examined_while_some_file_is_broken(corpus: Path) -> None:
    change(corpus, LOCAL, "kind: local-compact", "kind: leaflet")
    change(corpus, FIRST, "who do we tell about unspent funds\n", "")
    assert told(examine(corpus)) == [("unreadable", f"{LOCAL}:6"), ("few-questions", f"{FIRST}:32")]


@pytest.mark.parametrize("file", [SOURCES, PLACES, TOWNS, BODIES, AGREEMENTS, ACCEPTED])
def test_table_that_cannot_be_read_is_told_once_and_not_for_every_row_that_rests_on_it(corpus: Path, file: str) -> None:
    header = (corpus / file).read_text(encoding="utf-8").partition("\n")[0]
    change(corpus, file, header, f"my_{header}")
    assert told(examine(corpus)) == [("unreadable", f"{file}:1")]


def test_missing_folder_is_told(tmp_path: Path) -> None:
    found = examine(tmp_path / "corpus")
    [finding] = found.findings
    assert str(finding.mistake).startswith(
        f"{tmp_path}/corpus: there is no such file or folder.\n  Look at the spelling"
    )
    assert found.counts["documents"] == 0


def test_empty_folder_is_told_with_the_real_model_too(tmp_path: Path, embed: Embed) -> None:
    (tmp_path / "corpus").mkdir()
    assert told(examine(tmp_path / "corpus", embed)) == [("unreadable", "")]


def test_folder_without_tables_is_examined_by_the_shipped_ones_which_are_not(corpus: Path) -> None:
    shutil.rmtree(corpus / "tables")
    change(corpus, LOCAL, "area: Wexley\n", "area: Merton\n")
    found = examine(corpus)
    assert {f.check for f in found.findings} == {"unknown-source", "no-source", "area"}
    assert {Path(f.mistake.where.rpartition(":")[0]).name for f in found.findings} == {
        Path(name).name for name in (FIRST, SECOND, LOCAL)
    }


# -- what a spreadsheet does to a table ------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [SOURCES, PLACES, TOWNS, BODIES, AGREEMENTS])
@pytest.mark.parametrize(
    "save",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", ",,,\n") + ",,,,\n",
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("'", "’"),
        lambda text: "# a note\n\n" + text,
        lambda text: "\n".join(",".join(f"“{c}”" if c else "" for c in row.split(",")) for row in text.split("\n")),
    ],
    ids=["semicolons", "tabs", "BOM", "CRLF", "trailing cells", "blanks", "curly apostrophes", "notes", "curly quotes"],
)
def test_table_edited_in_a_spreadsheet_is_read(corpus: Path, file: str, save: Callable[[str], str]) -> None:
    put(corpus, file, save((corpus / file).read_text(encoding="utf-8")))
    assert [str(f) for f in examine(corpus).findings] == []


def test_excels_dates_and_semicolons_are_refused_by_line_with_the_date_to_write(corpus: Path) -> None:
    text = (corpus / PLACES).read_text(encoding="utf-8").replace("2019-04-01", "01.04.2019").replace(",", ";")
    put(corpus, PLACES, "\ufeff" + text.replace("\n", "\r\n"))
    [finding] = [f for f in examine(corpus).findings if f.mistake.where == f"{corpus / PLACES}:5"]
    assert finding.mistake.remedy == "Write year-month-day: 2019-04-01 or 2019-01-04."


# -- what somebody lets stand ----------------------------------------------------------------------------------------


def accept(corpus: Path, *rows: str) -> None:
    put(corpus, ACCEPTED, "\n".join([FILES[ACCEPTED].strip(), *rows]) + "\n")


@pytest.mark.parametrize(
    ("plant", "row"),
    [
        ("few questions", "few-questions,wexley-accord,,It is short."),
        ("editions that overlap", "dates,accord-2009,had begun,Both were in force."),
        ("publisher missing", "missing-field,wexley-accord,PUBLISHER,Nobody says."),
        ("note to oneself", "unfinished,wexley-accord,tbc,They call it so."),
        ("name of two councils", "ambiguous-name,places.csv,Wex,Both do."),
        ("file nobody reads", "left-out,figures.xlsx,,For the chairman."),
    ],
)
def test_doubt_with_a_reason_is_let_stand_and_counted(corpus: Path, plant: str, row: str) -> None:
    planted = PLANTS[plant]
    change(corpus, planted.file, planted.old, planted.new)
    before = examine(corpus)
    accept(corpus, row)
    after = examine(corpus)
    assert len(after.findings) == len(before.findings) - 1
    assert (after.accepted, planted.check in {f.check for f in after.findings}) == (1, False)


def test_doubt_about_other_words_is_not_let_stand(corpus: Path) -> None:
    change(corpus, LOCAL, "bus fares for volunteers\n", "")
    accept(corpus, "few-questions,wexley-accord,drivers,It is short.")
    assert [check for check, _ in told(examine(corpus))] == ["few-questions", "needless-acceptance"]


def test_what_is_wrong_cannot_be_let_stand(corpus: Path) -> None:
    change(corpus, LOCAL, "sources: [Wexley Council 2011]\n", "")
    accept(corpus, "no-source,wexley-accord,,We know it is true.")
    found = examine(corpus)
    assert told(found) == [("no-source", f"{LOCAL}:1"), ("broken-link", f"{ACCEPTED}:2")]
    assert (found.wrong, found.accepted) == (2, 0)


def test_acceptance_is_not_needless_when_what_it_accepts_was_not_looked_for(corpus: Path, embed: Embed) -> None:
    plant = PLANTS["one thing said twice"]
    change(corpus, plant.file, plant.old, plant.new)
    accept(corpus, "said-twice,accord-2009,must tell a charity,The text has it twice.")
    assert (told(examine(corpus)), told(examine(corpus, embed))) == ([], [])
    change(corpus, plant.file, plant.new, plant.old)
    assert (told(examine(corpus)), told(examine(corpus, embed))) == ([], [("needless-acceptance", f"{ACCEPTED}:2")])


def test_acceptance_for_a_broken_file_is_not_needless(corpus: Path) -> None:
    change(corpus, LOCAL, "kind: local-compact", "kind: leaflet")
    accept(corpus, "few-questions,wexley-accord,,It is short.")
    assert told(examine(corpus)) == [("unreadable", f"{LOCAL}:6")]


# -- what it leaves alone --------------------------------------------------------------------------------------------


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file under a folder: when it was changed, and what it holds."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_nothing_is_written_but_the_vectors_that_were_made(
    corpus: Path, tmp_path: Path, embedder: Embedder, model: str, small_data: Path
) -> None:
    data = Path(shutil.copytree(small_data, tmp_path / "data"))
    change(corpus, LOCAL, "kind: local-compact", "kind: leaflet")
    before = tree(corpus), tree(data)
    assert examine(corpus).wrong == 1
    assert (tree(corpus), tree(data)) == before

    def embed(texts: Sequence[str]) -> Vectors:
        return embed_statements(texts, data_dir=data, model=model, embedder=lambda: embedder)

    assert examine(corpus, embed).wrong == 1
    assert tree(corpus) == before[0]
    assert {name: held for name, held in tree(data).items() if name != KEPT} == before[1]


TEXTS = ["Nobody said this.", "Somebody said that.", "Nobody said this."]


class Embedding:
    """`embed_statements` into one data folder with the real model, counting what is embedded."""

    def __init__(self, data_dir: Path, embedder: Embedder) -> None:
        self.data_dir, self._embedder, self.embedded = data_dir, embedder, 0

    def __call__(self, texts: Sequence[str], model: str = "a model") -> Vectors:
        self.embedded = 0
        return embed_statements(
            texts, data_dir=self.data_dir, model=model, embedder=lambda: self._embedder, progress=self._count
        )

    def _count(self, stage: str, done: int, total: int) -> None:
        assert (stage, done <= total) == ("Embedding", True)
        self.embedded = done


@pytest.fixture
def embedding(tmp_path: Path, embedder: Embedder) -> Embedding:
    return Embedding(tmp_path / "data", embedder)


def test_vectors_come_in_the_order_of_their_texts_and_are_made_once(embedding: Embedding, embedder: Embedder) -> None:
    made = embedding(TEXTS)
    assert embedding.embedded == 2
    assert np.allclose(made, embedder.embed(TEXTS), atol=1e-3)
    again = embedding([TEXTS[1], TEXTS[0], "A third thing."])
    assert embedding.embedded == 1
    assert np.array_equal(again[:2], made[[1, 0]])


def test_vectors_of_another_model_are_not_taken(embedding: Embedding) -> None:
    embedding(TEXTS)
    embedding(TEXTS, "another model")
    assert embedding.embedded == 2


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-40], lambda data: data[: len(data) // 2], lambda _: b"", lambda _: b"x"]
)
def test_damaged_vectors_are_made_again(embedding: Embedding, damage: Callable[[bytes], bytes]) -> None:
    made = embedding(TEXTS)
    file = embedding.data_dir / KEPT
    file.write_bytes(damage(file.read_bytes()))
    assert np.allclose(embedding(TEXTS), made, atol=1e-6)
    assert embedding.embedded == 2


def test_data_folder_that_cannot_be_written_does_no_harm(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "data").write_bytes(b"a file")
    assert len(Embedding(tmp_path / "data", embedder)(TEXTS)) == 3


def test_finding_reads_as_a_line_with_its_remedy_below_and_as_json_for_tools(corpus: Path) -> None:
    change(corpus, LOCAL, "bus fares for volunteers\n", "")
    [finding] = examine(corpus).findings
    assert str(finding).startswith(f"{corpus / LOCAL}:21: doubtful, few-questions: 3 questions are written for")
    assert "\n  Write at least 4 below it" in str(finding)
    assert finding.as_json() == {
        "check": "few-questions",
        "severity": "doubtful",
        "where": f"{corpus / LOCAL}:21",
        "what": finding.mistake.what,
        "remedy": finding.mistake.remedy,
        "document": "wexley-accord",
        "words": "wexley-accord#volunteers/1",
    }
