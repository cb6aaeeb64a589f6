"""Where an archive lies: a local folder, or any file system that pyarrow or fsspec reaches.

Files come into being whole: written under another name, then renamed. On object stores, which have no renaming, the
copy under the right name appears at once too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from streams.replay.errors import ArchiveError

#: The ending of files that are not finished.
UNFINISHED = ".unfinished"


class Folder:
    """A folder on a file system. Paths are relative to it, with `/`."""

    def __init__(self, where: str | Path, filesystem: pafs.FileSystem | None = None) -> None:
        self.name = str(where)
        try:
            if filesystem is not None:
                self.fs, self.root = filesystem, str(where).rstrip("/")
            elif "://" in self.name:
                self.fs, self.root = pafs.FileSystem.from_uri(self.name)
            else:
                self.fs, self.root = pafs.LocalFileSystem(), str(Path(where).absolute())
        except (pa.ArrowException, OSError, ImportError) as error:
            raise ArchiveError(f"{self.name} can't be reached: {error}") from error

    @property
    def local(self) -> Path | None:
        """The folder's path where it is one of this machine's."""
        return Path(self.root) if isinstance(self.fs, pafs.LocalFileSystem) else None

    def exists(self) -> bool:
        found: bool = self.fs.get_file_info(self.root).type == pafs.FileType.Directory
        return found

    def files(self) -> list[str]:
        """The paths of all files below it, sorted."""
        chosen = pafs.FileSelector(self.root, recursive=True, allow_not_found=True)
        try:
            infos = self.fs.get_file_info(chosen)
        except OSError as error:
            raise ArchiveError(f"{self.name} can't be listed: {error}") from error
        return sorted(info.path[len(self.root) :].lstrip("/") for info in infos if info.type == pafs.FileType.File)

    def open(self, path: str) -> pa.NativeFile:
        """A file to read from any place in it."""
        return self.fs.open_input_file(f"{self.root}/{path}")

    def put(self, path: str, content: pa.Buffer) -> None:
        """Write a file: it is there whole or not at all, also after a crash.

        Raises:
            ArchiveError: it can't be written.
        """
        target = f"{self.root}/{path}"
        try:
            self.fs.create_dir(target.rsplit("/", 1)[0], recursive=True)
            if self.local is not None:
                _put_locally(Path(target), content)
                return
            with self.fs.open_output_stream(target + UNFINISHED) as stream:
                stream.write(content)
            self.fs.move(target + UNFINISHED, target)
        except OSError as error:
            raise ArchiveError(
                f"{self.name}/{path} can't be written: {error}. Nothing is lost: run it again when there is room"
            ) from error

    def remove(self, path: str) -> None:
        self.fs.delete_file(f"{self.root}/{path}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others on this machine from writing here meanwhile.

        Raises:
            ArchiveError: another process writes here.
        """
        if self.local is None:
            yield
            return
        try:
            self.local.mkdir(parents=True, exist_ok=True)
            with (self.local / ".lock").open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise ArchiveError(
                        f"another `shutdowns archive` writes to {self.name}: stop it, or archive elsewhere"
                    ) from None
                yield
        except OSError as error:
            raise ArchiveError(f"{self.name} can't be written: {error.strerror or error}") from error


def _put_locally(target: Path, content: pa.Buffer) -> None:
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
