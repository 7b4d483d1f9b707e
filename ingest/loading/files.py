"""Find the documents under a folder, and read them.

In:   a folder, nested as its owner likes, or one file.
Out:  each document file once, in path order, with the file of fields beside it; every mistake; and warnings for what
      is left alone. A message names the path as the caller gave it.
Not documents: hidden files and folders, Word's lock files (`~$…`), README.md and the top folders `tables/` and
      `templates/`.
Links: one that leads out of the folder is a mistake. One that leads elsewhere inside is followed when that would not
      be read otherwise (it may be hidden), so that nothing is read twice and no circle is walked.
Raises: `find_files` nothing; `read_file` and `decode_text` CorpusInvalid.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import CorpusInvalid, Mistake

MAX_FILE_BYTES = 50_000_000
SUPPORTED = (".md", ".txt", ".pdf", ".docx", ".html", ".htm")
SIDECAR = ".yaml"
_SAYS_WHAT_IS_SUPPORTED = f"Files that end in {', '.join(SUPPORTED[:-1])} or {SUPPORTED[-1]} can be read."
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Control characters that no plain text has; tab, line ends and form feed (a page break) are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file to read. `relative` is its path under the root with forward slashes; `ending` is in lower case."""

    path: Path
    relative: str
    ending: str
    sidecar: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What stands under a root: documents in path order, and what is wrong or left alone."""

    files: tuple[FoundFile, ...]
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The bytes of a file and their SHA-256 in hexadecimal."""

    data: bytes
    sha256: str


def find_files(root: Path, *, max_bytes: int = MAX_FILE_BYTES) -> Found:
    """Find the documents under a folder, or take the one file that `root` is."""
    search = _Search(root, max_bytes)
    try:
        if stat.S_ISDIR(root.stat().st_mode):
            search.whole_folder()
        else:
            search.one_file()
    except OSError as error:
        search.mistakes.append(_unreadable(str(root), error))
    return search.found()


def read_file(path: Path, *, where: str) -> ReadFile:
    """Read a file whole."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusInvalid([_unreadable(where, error)]) from error
    return ReadFile(data, hashlib.sha256(data).hexdigest())


def decode_text(data: bytes, *, where: str) -> str:
    """The text of a UTF-8 file, without byte order mark, lines ended by a line feed."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Positions count from after a byte order mark.
        offset = error.start + (len(data) - len(error.object))
        what = f"byte 0x{data[offset]:02x} at offset {offset} is not UTF-8{_looks_like(data)}."
        remedy = "Save the file as UTF-8: in Notepad or Word, choose Save As and the encoding UTF-8."
        raise CorpusInvalid([Mistake(f"{where}:{_line(data, offset)}", what, remedy)]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        what = (
            f"the control character U+{ord(control[0]):04X} stands here, so this is not plain text{_looks_like(data)}."
        )
        remedy = "Give a PDF or Word file its own ending; save text as UTF-8 without control characters."
        raise CorpusInvalid([Mistake(f"{where}:{line}", what, remedy)])
    return text


def _line(data: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:offset])) + 1


def _looks_like(data: bytes) -> str:
    """What a file with the wrong ending or encoding seems to be."""
    for start, name in (
        (b"%PDF-", "a PDF"),
        (b"PK\x03\x04", "a Word or zip file"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ):
        if data.startswith(start):
            return f" (it looks like {name})"
    return ""


class _Search:
    """One walk. `_seen` holds the real path of each folder and document that was met."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self.mistakes: list[Mistake] = []
        self._files: list[FoundFile] = []
        self._warnings: list[Mistake] = []
        self._root = root
        self._real_root = Path(os.path.realpath(root))
        self._max_bytes = max_bytes
        self._seen: set[str] = set()
        self._links: list[tuple[Path, frozenset[str]]] = []

    def found(self) -> Found:
        return Found(
            files=tuple(sorted(self._files, key=lambda file: file.relative)),
            mistakes=tuple(sorted(self.mistakes, key=lambda mistake: mistake.where)),
            warnings=tuple(sorted(self._warnings, key=lambda warning: warning.where)),
        )

    def one_file(self) -> None:
        """The root is a file: whatever its name, somebody asked for it."""
        if _ending(self._root.name) not in SUPPORTED:
            self._mistake(self._root, _left_out(self._root), _SAYS_WHAT_IS_SUPPORTED)
            return
        beside = self._root.with_name(self._root.name + SIDECAR)
        self._document(self._root, self._root.name, beside if beside.exists() else None)

    def whole_folder(self) -> None:
        """The root is a folder: what is really in it first, then what links lead to."""
        self._walk(self._root)
        while self._links:
            link, names = self._links.pop(0)
            try:
                self._follow(link, names)
            except OSError as error:
                self.mistakes.append(_unreadable(str(link), error))
        if not self._files and not self.mistakes:
            self._mistake(self._root, "there is no document in this folder.", _SAYS_WHAT_IS_SUPPORTED)

    def _walk(self, start: Path) -> None:
        folders = [start]
        while folders:
            folder = folders.pop()
            if not self._first_time(folder):
                continue
            inside = self._entries(folder)
            if folder == self._root / "tables":
                self._warn_of_documents_among_tables(inside)
                continue
            if folder == self._root / "templates":
                continue
            names = frozenset(e.name for e in inside if not e.is_dir(follow_symlinks=False))
            for entry in inside:
                path = folder / entry.name
                if entry.is_symlink():
                    self._links.append((path, names))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                else:
                    self._file(path, names)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """What is in a folder by name, without what is hidden."""
        try:
            entries = sorted((e for e in os.scandir(folder) if not _is_hidden(e.name)), key=lambda e: e.name)
        except OSError as error:
            self.mistakes.append(_unreadable(str(folder), error))
            return []
        for entry in entries:
            if not _is_utf8(entry.name):
                what = f"the name {os.fsencode(entry.name)!r} in this folder is not UTF-8."
                self._mistake(folder, what, "Give the file or folder another name.")
        return [e for e in entries if _is_utf8(e.name)]

    def _warn_of_documents_among_tables(self, entries: list[os.DirEntry[str]]) -> None:
        for entry in entries:
            if _ending(entry.name) in SUPPORTED and not _is_readme(entry.name):
                what = "this is left out: the folder tables/ holds tables, not documents."
                self._warn(Path(entry.path), what, "Move it to another folder if it is a document.")

    def _follow(self, link: Path, names: frozenset[str]) -> None:
        target = Path(os.path.realpath(link))
        if not target.is_relative_to(self._real_root):
            what = f"this link leads out of the folder, to {target}."
            self._mistake(link, what, "Put the file itself here, or add its folder by itself.")
        elif not target.exists():
            self._mistake(link, f"this link leads to '{link.readlink()}', where nothing is.", "Mend or remove it.")
        elif target.is_dir():
            self._walk(link)
        else:
            self._file(link, names)

    def _file(self, path: Path, names: frozenset[str]) -> None:
        """A file in a folder that has files of these names."""
        ending = _ending(path.name)
        if _is_readme(path.name):
            return
        if ending in SUPPORTED:
            beside = path.name + SIDECAR
            relative = path.relative_to(self._root).as_posix()
            self._document(path, relative, path.with_name(beside) if beside in names else None)
        elif ending in (".yaml", ".yml") and _ending(path.stem) in SUPPORTED:
            self._fields_of_another(path, names)
        else:
            self._warn(path, _left_out(path), _SAYS_WHAT_IS_SUPPORTED)

    def _fields_of_another(self, path: Path, names: frozenset[str]) -> None:
        if path.suffix != SIDECAR:
            self._mistake(path, f"this name ends in '{path.suffix}'.", f"Call it {path.stem}{SIDECAR}.")
        elif path.stem not in names:
            what = f"these are the fields of {path.stem}, which is not in this folder."
            self._mistake(path, what, f"Put {path.stem} beside it (capitals count), or remove it.")

    def _document(self, path: Path, relative: str, sidecar: Path | None) -> None:
        if not self._first_time(path):
            return
        wrong = [m for each in (path, sidecar) if each is not None and (m := self._wrong_with(each))]
        self.mistakes += wrong
        if not wrong:
            self._files.append(FoundFile(path=path, relative=relative, ending=_ending(path.name), sidecar=sidecar))

    def _wrong_with(self, path: Path) -> Mistake | None:
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return Mistake(str(path), "this is not a file with an end, but a pipe or device.", "Remove it.")
            if status.st_size == 0:
                return Mistake(str(path), "this file is empty.", "Put the document in it, or remove it.")
            if status.st_size > self._max_bytes:
                what = f"this file has {_megabytes(status.st_size)}; at most {_megabytes(self._max_bytes)} are read."
                return Mistake(str(path), what, "Divide it into several files, or make its pictures smaller.")
            with path.open("rb"):
                return None
        except OSError as error:
            return _unreadable(str(path), error)

    def _first_time(self, path: Path) -> bool:
        real = os.path.realpath(path)
        if real in self._seen:
            place = Path(real).relative_to(self._real_root).as_posix()
            what = f"this is {'the folder itself' if place == '.' else place} once more, by a link; it is read once."
            self._warn(path, what, "Remove the link if that is not what you meant.")
            return False
        self._seen.add(real)
        return True

    def _mistake(self, path: Path, what: str, remedy: str) -> None:
        self.mistakes.append(Mistake(str(path), what, remedy))

    def _warn(self, path: Path, what: str, remedy: str) -> None:
        self._warnings.append(Mistake(str(path), what, remedy))


def _unreadable(where: str, error: OSError) -> Mistake:
    if isinstance(error, PermissionError):
        return Mistake(where, "permission to read this is denied.", "Let the user that runs the assistant read it.")
    if isinstance(error, FileNotFoundError):
        return Mistake(where, "there is no such file or folder.", "Look at the spelling of the path.")
    return Mistake(where, f"this cannot be read: {error.strerror}.", "Look at the disk, or copy the file elsewhere.")


def _left_out(path: Path) -> str:
    ends = f"files that end in '{path.suffix}'" if path.suffix else "files whose names have no ending"
    return f"this is left out: {ends} cannot be read."


def _is_utf8(name: str) -> bool:
    """Whether a name came from the disk whole; what is not UTF-8 in it comes as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _ending(name: str) -> str:
    return Path(name).suffix.lower()


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _is_readme(name: str) -> bool:
    return name.lower() == "readme.md"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"
