"""The data folder of a broker: what is in it, whose it is, whether there is space, and that one broker has it."""

from __future__ import annotations

import base64
import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from streams.kafka.errors import DiskFull, FolderError, FolderInUse


class Storage:
    """The folder `root` and what is in it: data/, logs/, tmp/, broker.properties and the lock.

    Args:
        root: made if it does not exist.
        node: which of a cluster's brokers it is.
    """

    def __init__(self, root: Path, node: int = 1) -> None:
        self.node = str(node)
        self.root = root.absolute()
        self.data = self.root / "data"
        self.logs = self.root / "logs"
        self.tmp = self.root / "tmp"
        self.properties = self.root / "broker.properties"
        self.log = self.logs / "broker.log"
        self.console = self.logs / "console.log"
        self._lock_file = self.root / "lock"
        self._lock: int | None = None

    def acquire(self) -> int:
        """Make the folders and take the lock; gives its file descriptor, which the broker inherits and holds too.

        Raises:
            FolderError: it can't be made or written to.
            FolderInUse: another broker has it.
            DiskFull: there is not even space for that.
        """
        try:
            for folder in (self.root, self.data, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                self._lock = self._take_lock()
            shutil.rmtree(self.tmp, ignore_errors=True)
            self.tmp.mkdir()
            self.console.write_text("\n")  # root may write where the file system may not
        except OSError as error:
            self.release()
            raise folder_error(self.root, error) from error
        return self._lock

    def _take_lock(self) -> int:
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip() or "not yet started"
            os.close(descriptor)
            raise FolderInUse(
                f"{self.root} is in use by another broker ({holder}). Stop that one, use it with --bootstrap, "
                "or say another folder with --folder."
            ) from None
        return descriptor

    def note_holder(self, words: str) -> None:
        """Write into the lock who has it, for the message that another start gives."""
        assert self._lock is not None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, words.encode(), 0)

    def write_properties(self, common: str, own: Mapping[str, str]) -> None:
        """Write the broker's configuration: `common`, then `own`, which counts where both name a setting.

        Raises:
            FolderError, DiskFull: it can't be written.
        """
        lines = [f"{name}={value}" for name, value in own.items()]
        try:
            self.properties.write_text("\n".join([common, "# Of this start.", *lines, ""]), "utf-8")
        except OSError as error:
            raise folder_error(self.root, error) from error

    def release(self) -> None:
        """Give the lock back; a broker still running holds it on."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def free_mb(self) -> float:
        """Space left, in MB."""
        return shutil.disk_usage(self.root).free / 1e6

    def check_space(self, least_mb: float) -> None:
        """Make sure of the space.

        Raises:
            DiskFull: less than `least_mb` MB are free.
        """
        free = self.free_mb()
        if free < least_mb:
            raise disk_full(self.root, f"{free:.0f} MB are free, {least_mb:.0f} MB are the least to start with")

    def cluster_id(self) -> str | None:
        """The id of the cluster whose data these are; None where nothing has been formatted yet.

        Raises:
            FolderError: there are data, but not of a broker like this one.
        """
        path = self.data / "meta.properties"
        advice = f"Move {self.data} away or say another folder with --folder."
        if not path.exists():
            if (self.data / "__cluster_metadata-0").exists():
                raise FolderError(f"{self.data} holds Kafka's data, but its meta.properties is gone. {advice}")
            return None
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(f"{path} can't be read: {error}. {advice}") from error
        found = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        cluster = found.get("cluster.id", "")
        if found.get("version") != "1" or not cluster:
            raise FolderError(f"{path} is damaged: it names no cluster.id or version 1. {advice}")
        if found.get("node.id") != self.node:
            raise FolderError(
                f"{path} is of node {found.get('node.id')} of another cluster, and this one is node {self.node}. "
                f"{advice}"
            )
        return cluster


def new_cluster_id() -> str:
    """A random id as Kafka makes them; none starts with a dash, which commands would take for an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def disk_full(folder: Path, detail: str) -> DiskFull:
    """The error for a full disk."""
    return DiskFull(f"the disk of {folder} is full: {detail}. Make space, or say a folder elsewhere with --folder.")


def folder_error(folder: Path, error: OSError) -> FolderError | DiskFull:
    """What a failed operation of the file system says about `folder`."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder, reason)
    where = f" ({error.filename})" if error.filename else ""
    return FolderError(
        f"{folder} can't be used for Kafka's data: {reason}{where}. "
        "Change its permissions, or say another folder with --folder."
    )
