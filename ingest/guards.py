"""What holds while a data folder is written: one writer at a time, a full disk told as such, progress told."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import CallerError, IndexBusy, SettingInvalid, StorageFull

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


def unwatched(stage: str, done: int, total: int) -> None:
    """A progress that nobody watches."""


PROBE_BYTES = 1_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def sole_writer(data_dir: Path) -> Iterator[None]:
    """Hold the data folder while indexing. Raises IndexBusy when another does, SettingInvalid when nobody can."""
    lock = FileLock(data_dir / "ingest.lock")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexBusy(
            f"Another `ingest` is running in {data_dir}.\nWait until it has finished, then run this again."
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise SettingInvalid(
            f"The data folder {data_dir} cannot be written ({error.strerror}).\n"
            "Allow this user to write there, or set COMPACT_DATA_DIR to another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def room_on_disk(data_dir: Path) -> Iterator[None]:
    """Turn a full disk into StorageFull, whoever noticed it first."""
    try:
        yield
    except CallerError:
        raise
    except Exception as error:
        number = getattr(error, "errno", None)
        if number in _FULL or "disk is full" in str(error) or not _has_room(data_dir):
            raise storage_full(data_dir) from error
        raise


def _has_room(data_dir: Path) -> bool:
    """Whether a little can still be written: not every library says that it failed because the disk is full."""
    try:
        with tempfile.TemporaryFile(dir=data_dir) as file:
            file.write(bytes(PROBE_BYTES))
    except OSError as error:
        return error.errno not in _FULL
    return True


def storage_full(data_dir: Path) -> StorageFull:
    """The error for a full disk, with how much is free."""
    free = shutil.disk_usage(data_dir).free // 1_000_000
    return StorageFull(
        f"There is no room left in {data_dir} ({free} MB free). The index is as it was.\n"
        "Free some space, or set COMPACT_DATA_DIR to a larger disk, and run `ingest` again."
    )
