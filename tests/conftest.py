"""What tests share: a closed network, the real embedder, a small real index, and the command line as a subprocess."""

from __future__ import annotations

import gc
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

REPOSITORY = Path(__file__).resolve().parent.parent
CLOSED_NETWORK = Path(__file__).resolve().parent / "closed_network"
runpy.run_path(str(CLOSED_NETWORK / "sitecustomize.py"))
for name in [name for name in os.environ if name.startswith("COMPACT_")]:
    del os.environ[name]  # a developer's own settings are not what is tested

from assistant.embedding import Embedder  # noqa: E402 - the network is closed first
from assistant.front_door import Assistant  # noqa: E402
from assistant.retrieval.generation import MODELS  # noqa: E402
from assistant.settings import Settings, load_settings  # noqa: E402
from assistant.wiring import build_assistant, build_embedder, model_of  # noqa: E402
from ingest import Report, ingest  # noqa: E402

DOCUMENTS = {
    "accord-2009": """\
---
id: accord-2009
title: "The Working Accord"
publisher: "Office for Neighbours"
published: 2009-05
kind: instrument
status: superseded
superseded_by: accord-2024
in_force_from: 2009-05-01
in_force_until: 2024-02-29
jurisdiction: England
basis: "Our own digest of the first edition."
---
# The Working Accord (digest)

## Ending money

A public body tells a charity at least twelve weeks before its grant ends. It gives the reasons in
writing. {#1.1 promise 1.1}
<!-- asked
how much notice before a grant ends
may a council stop our funding from one day to the next
-->

A charity says at once when it cannot spend what it was given. {#1.2 promise 1.2}
<!-- asked
what must a charity do with money it cannot use
do we have to own up to an underspend
-->

## Asking people

- A public body allows at least twelve weeks for a written consultation;
- it says what it did with the answers. {#2.1 promise 2.1}
<!-- asked
how long should a consultation last
does anyone tell us what became of our views
-->
""",
    "accord-2024": """\
---
id: accord-2024
title: "The New Accord"
publisher: "Office for Neighbours"
published: 2024-03-01
kind: instrument
status: in-force
in_force_from: 2024-03-01
jurisdiction: England
source_url: https://accord.example/new
basis: "Our own digest of the second edition."
---
# The New Accord (digest)

## Being independent

Charities may campaign against a policy, whatever money they take from government. {#3.1 promise 3.1}
<!-- asked
can a funded charity criticise ministers
are we allowed to protest if the council pays us
-->
""",
    "merton-story": """\
---
id: merton-story
title: "How Merton mended a quarrel"
publisher: "Neighbours' Journal"
published: 2008
kind: case-study
status: historical
area: Merton
year: 2008
jurisdiction: England
basis: "Our own account."
---
# How Merton mended a quarrel

## The quarrel

A day centre for older people was to lose its rent subsidy. A mediator sat down with both
sides, and the cut was spread over two years. {p. 3}
<!-- asked
where did mediation settle a row about a subsidy
what happened to the day centre in Merton
-->
""",
    "derby-accord": """\
---
id: derby-accord
title: "Derby's Own Accord"
publisher: "Derby City Council"
published: 2011-06
kind: code
status: in-force
area: Derby
jurisdiction: England
basis: "Our own digest."
---
# Derby's Own Accord

## Volunteers

Volunteers get their bus fares back within ten days. {section 4}
<!-- asked
are volunteers paid their travel costs
how quickly are expenses refunded
-->
""",
    "pay-table": """\
---
id: pay-table
title: "What was paid when"
publisher: "Neighbours' Journal"
published: 2010
kind: review
status: historical
jurisdiction: England
basis: "Our own figures."
---
# What was paid when

## Payments

| Borough | Invoices paid late | Interest |
|---|---|---|
| Northfield | 14 | £320 |
| Southfield | 3 | none |

{table 2}
<!-- asked
how many invoices did Northfield pay late
which borough paid interest on late invoices
-->
""",
}
"""The small corpus: every word our own, every place in it invented but for names the gazetteer knows."""
VOCABULARY = """\
- term: written consultation
  also: [consultation, hearing]
  now: [listening exercise]
  source: ours
- term: notice
  also: [warning, heads-up]
  source: ours
"""
"""Its vocabulary: a short one, because reading the shipped one takes half a second."""


class Ran(NamedTuple):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def settings() -> Callable[..., Settings]:
    """Settings from these values alone, whatever a `.env` in this folder says."""
    return lambda **given: load_settings(_env_file=None, **given)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of converted models. Converting takes ten seconds, so it is done once."""
    return tmp_path_factory.mktemp("converted") / MODELS


@pytest.fixture(scope="session")
def embedder(models: Path, settings: Callable[..., Settings]) -> Embedder:
    """The bundled model, for real."""
    return build_embedder(settings(data_dir=models.parent))


@pytest.fixture(scope="session")
def model(settings: Callable[..., Settings]) -> str:
    """The bundled model's name."""
    return model_of(settings())


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus in a folder. Tests read it; one that changes it copies it first."""
    folder = tmp_path_factory.mktemp("small") / "corpus"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "tables").mkdir()
    (folder / "tables" / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def index(embedder: Embedder, model: str, models: Path) -> Callable[..., Report]:
    """Index a corpus folder into a data folder, in this process, with the session's embedder."""

    def run(data_dir: Path, corpus_dir: Path, **options: Any) -> Report:
        share_models(data_dir, models)
        given = {"model": model, "embedder": lambda: embedder} | options
        return ingest(data_dir=data_dir, corpus_dir=corpus_dir, **given)

    return run


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory, small_corpus: Path, index: Callable[..., Report]) -> Path:
    """A data folder with the small corpus indexed. Tests read it."""
    data_dir = tmp_path_factory.mktemp("small") / "data"
    index(data_dir, small_corpus)
    return data_dir


@pytest.fixture(scope="session")
def small_assistant(small_data: Path, small_corpus: Path, settings: Callable[..., Settings]) -> Assistant:
    """The assistant over the small corpus."""
    return build_assistant(settings(data_dir=small_data, corpus_dir=small_corpus))


@pytest.fixture
def environment(tmp_path: Path, small_corpus: Path, models: Path, embedder: Embedder) -> dict[str, str]:
    """The environment of a subprocess: the small corpus, a data folder of the test's own, the network closed."""
    del embedder  # has converted the model
    data_dir = tmp_path / "data"
    share_models(data_dir, models)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPACT_")}
    own = {
        "COMPACT_DATA_DIR": str(data_dir),
        "COMPACT_CORPUS_DIR": str(small_corpus),
        "PYTHONPATH": os.pathsep.join([str(CLOSED_NETWORK), str(REPOSITORY)]),
        "PYTHONWARNINGS": "default",
        "COLUMNS": "100",
    }
    return kept | own


@pytest.fixture
def cli(environment: Mapping[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """Run `python -m assistant` with these arguments. Settings are given as keywords: `COMPACT_AREA="Derby"`."""

    def run(*args: str | Path, stdin: str | bytes = b"", **settings: str | Path) -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        ended = subprocess.run(
            [sys.executable, "-m", "assistant", *map(str, args)],
            input=given,
            capture_output=True,
            env={**environment, **{name: str(value) for name, value in settings.items()}},
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    return run


@pytest.fixture
def inside(environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Like `cli` in this process, which is ten times faster: for the many cases of one thing."""
    from bots.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path, stdin: str | bytes = b"", **settings: str | Path) -> Ran:
        given = {name: value for name, value in environment.items() if name.startswith("COMPACT_")}
        ended = CliRunner().invoke(
            main, [*map(str, args)], input=stdin, env={**given, **{name: str(v) for name, v in settings.items()}}
        )
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Ran(ended.exit_code, ended.stdout, ended.stderr)

    return run


@pytest.fixture(scope="session")
def start_chroma(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[str]]:
    """Run a Chroma server, a process of its own on this machine, for as long as a `with` lasts; gives its address."""

    @contextmanager
    def start() -> Iterator[str]:
        folder = tmp_path_factory.mktemp("chroma-server")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = "import sys; from chromadb.cli.cli import app; sys.argv[0] = 'chroma'; app()"
        options = ["run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-c", command, *options], stdout=log, stderr=log, cwd=folder, start_new_session=True
            )
        try:
            _wait_for(port, server, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=20)

    return start


@pytest.fixture(scope="session")
def chroma_server(start_chroma: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a Chroma server that runs for the whole session."""
    with start_chroma() as url:
        yield url


@pytest.fixture
def _connections_left_open() -> Iterator[None]:
    """For tests that are themselves clients of a server: Chroma's client never closes its connections, so warnings of
    that are ignored by a mark, and have to come before the test is over."""
    yield
    gc.collect()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something listens on this port."""
    for _ in range(300):
        if server.poll() is not None:
            break
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the Chroma server did not start:\n{log.read_text(encoding='utf-8')}")


def share_models(data_dir: Path, models: Path) -> None:
    """Let a data folder use the models converted already."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / MODELS).exists():
        (data_dir / MODELS).symlink_to(models)
