"""The evaluation `completeness`: the five originals beside the digests that were made from them."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from assistant.settings import Settings
from assistant.text import comparable, plain
from assistant.wiring import build_embedder, model_of
from evals.completeness.measures import (
    CLOSE,
    Found,
    Where,
    find_facts,
    find_paragraphs,
    find_rows,
    find_sentences,
    find_statements,
)
from evals.completeness.names import Lexicon
from evals.completeness.pairs import NEAREST, Embed, Nearness, Pair, parts_of, pieces_of
from evals.completeness.tables import (
    KINDS,
    SAMPLE_SEED,
    Explanation,
    Outcome,
    Read,
    idle,
    load_explanations,
    load_originals,
    load_read,
    stale,
    without_explained,
)
from evals.indexes import ORIGINALS_SETTING, originals_folder
from evals.reports import Gate, SuiteReport, Table
from ingest.blocks import BlockKind
from ingest.sources import Source, read_sources

Say = Callable[[str], None]
_TITLES = {
    "fact": "Facts of the originals",
    "paragraph": "Paragraphs of the originals",
    "row": "Rows of the originals' tables",
    "statement": "Facts in the digests' statements",
}
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FOOTNOTE)


def run(settings: Settings, folder: Path, say: Say) -> SuiteReport:
    """Measure the corpus of `settings` beside the originals; without them nothing is measured, and that is said."""
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    originals = originals_folder()
    found: list[Found] = []
    notes: list[str] = []
    likeness: list[list[str]] = []
    read = load_read()
    explanations = load_explanations()
    if originals is None:
        notes.append(f"The originals are not here, so nothing is measured (set {ORIGINALS_SETTING}).")
    else:
        say("Reading the originals and the digests")
        pairs = read_pairs(originals, settings.corpus_dir)
        notes += [f"{pair.id} has no digest." for pair in pairs if not pair.pieces]
        embedder = build_embedder(settings.model_copy(update={"data_dir": folder.absolute()}))
        say("Embedding them")
        near = nearness(pairs, embedder.embed)
        say("Comparing them")
        found = compare(near)
        likeness = separation(near)
        notes += _notes(pairs, read, explanations, found)
    return SuiteReport(
        suite="completeness",
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        configuration=_configuration(settings),
        results=_results(found, explanations, read),
        tables=tuple(_tables(found, explanations, likeness, read)),
        gates=tuple(gates(found, explanations)),
        notes=tuple(notes),
    )


def read_pairs(originals: Path, corpus: Path) -> list[Pair]:
    """Every original that has a row in `originals.csv`, beside its digests."""
    names = {original: name for name, original in load_originals().items()}
    digests = read_sources(corpus, areas=None, require_front_matter=False).sources
    return [
        pair_of(source, names[source.document.id], digests)
        for source in read_sources(originals, areas=None, require_front_matter=False).sources
        if source.document.id in names
    ]


def pair_of(original: Source, name: str, digests: Iterable[Source]) -> Pair:
    """An original, known to digests by this name, beside those that rest on it."""
    pieces = [piece for d in digests if name in d.document.sources for piece in pieces_of(d, name)]
    return Pair(original, parts_of(original), pieces)


def nearness(pairs: Sequence[Pair], embed: Embed) -> list[Nearness]:
    """Embed every pair, all in one go."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair.units))
    row = {text: n for n, text in enumerate(texts)}
    vectors = embed(texts)
    return [pair.embedded(vectors[[row[text] for text in pair.units]]) for pair in pairs]


def compare(near: Sequence[Nearness]) -> list[Found]:
    """Everything that is measured of these pairs."""
    lexicon = Lexicon.of(p.block.text for n in near for p in n.pair.parts if p.block.kind in _PROSE)
    own = Lexicon.of(plain(words) for n in near for piece in n.pair.pieces for words in piece.said)
    out: list[Found] = []
    for each in near:
        out += [*find_facts(each, lexicon), *find_paragraphs(each), *find_sentences(each), *find_rows(each)]
        out += find_statements(each, own.joined(lexicon))
    return out


def separation(near: Sequence[Nearness]) -> list[list[str]]:
    """How near blocks are to a passage tied to them, and to the nearest of another original: what `CLOSE` rests on."""
    own, other = [], []
    for each in near:
        prose = [n for n, part in enumerate(each.pair.parts) if part.block.kind in _PROSE and part.words > 7]
        own += [each.likeness[n, sorted(each.pair.ties[n])].max() for n in prose if n in each.pair.ties]
        strange = [each.likeness_to(o) for o in near if o is not each]
        other += [max(s[n] for s in strange) for n in prose] if strange else []
    rows = []
    for what, values in (("passage tied to it", own), ("nearest of another original", other)):
        if values:
            cuts = np.percentile(values, (5, 25, 50, 75, 95))
            above = np.mean(np.array(values) >= CLOSE)
            rows.append([what, str(len(values)), *(f"{c:.2f}" for c in cuts), f"{above:.0%}"])
    return rows


def gates(found: Sequence[Found], explanations: Sequence[Explanation]) -> list[Gate]:
    """All of each kind has to be found near or explained."""
    out = []
    for kind in KINDS:
        mine = [f for f in found if f.kind == kind]
        _, missing = without_explained(mine, explanations)
        out.append(Gate(f"{_TITLES[kind]}, found or explained", 1 - len(missing) / len(mine) if mine else None, 1.0))
    return out


def _notes(
    pairs: Sequence[Pair], read: Sequence[Read], explanations: Sequence[Explanation], found: Sequence[Found]
) -> list[str]:
    unused = idle(found, explanations)
    out = [f"explained.csv:{e.line}: '{e.words}' explains nothing any more. Take the row out." for e in unused]
    stands = {(s.document, comparable(s.words)) for pair in pairs for s in pair.statements}
    gone = stale(read, lambda document, words: (document, comparable(words)) in stands)
    if gone:
        out.append(f"The sample is stale: {len(gone)} of {len(read)} statements that were read stand there no more.")
    if not read:
        out.append("No statement has been read beside its original yet (read-sample.csv is empty).")
    return out


def _tables(
    found: Sequence[Found], explanations: Sequence[Explanation], likeness: Sequence[Sequence[str]], read: Sequence[Read]
) -> list[Table]:
    out = []
    for kind in KINDS:
        rows = []
        for original in dict.fromkeys(f.original for f in found):
            mine = [f for f in found if (f.original, f.kind) == (original, kind)]
            explained, missing = without_explained(mine, explanations)
            where = Counter(f.where for f in missing)
            near = sum(f.where is Where.NEAR for f in mine)
            figures = (len(mine), near, len(explained), where[Where.ELSEWHERE], where[Where.NOWHERE])
            rows.append([original, *map(str, figures)])
        columns = ("original", "all", "near", "explained", "only elsewhere", "nowhere")
        out.append(Table.of(_TITLES[kind], columns, rows))
    out += _missing_tables(found, explanations)
    if likeness:
        heads = ("likeness of a paragraph to", "n", "5%", "25%", "50%", "75%", "95%", f"at least {CLOSE:.2f}")
        out.append(Table.of("What separates a digest from another", heads, likeness))
    outcomes = Counter(each.outcome for each in read)
    rows = [[outcome, str(outcomes[outcome])] for outcome in Outcome]
    out.append(Table.of("Statements read beside the original", ("outcome", "statements"), rows))
    return out


def _missing_tables(found: Sequence[Found], explanations: Sequence[Explanation]) -> Iterator[Table]:
    for kind in (*KINDS, "sentence", "force"):
        missing = without_explained([f for f in found if f.kind == kind], explanations)[1]
        rows = [[f.document or f"{f.original}:{f.line}", f.where, _short(f.words), _short(f.around)] for f in missing]
        if rows:
            columns = ("where", "stands", "words", "around them, or likeness")
            yield Table.of(f"{'Doubtful' if kind in ('sentence', 'force') else 'Missing'}: {kind}", columns, rows)


def _short(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "/")
    return flat if len(flat) <= 160 else f"{flat[:159]}…"


def _results(found: Sequence[Found], explanations: Sequence[Explanation], read: Sequence[Read]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for kind in (*KINDS, "sentence", "force"):
        mine = [f for f in found if f.kind == kind]
        explained, missing = without_explained(mine, explanations)
        out[kind] = {
            "all": len(mine),
            "near": sum(f.where is Where.NEAR for f in mine),
            "explained": len(explained),
            "missing": [asdict(f) for f in missing],
        }
    out["read"] = dict(Counter(each.outcome.value for each in read))
    return out


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "embedding model": model_of(settings),
        "corpus": settings.corpus_dir.name,
        "passages near a block by embedding": NEAREST,
        "likeness from which a passage is close": CLOSE,
        "seed of the sample": SAMPLE_SEED,
    }
