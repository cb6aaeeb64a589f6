"""What all tests share: a profile of hypothesis, one real broker a session, and names of their own in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from streams import admin
from streams.kafka import Broker
from streams.settings import Settings

# A shell's background job ignores Ctrl-C, and so would every process that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Machines are shared and noisy: how long an example takes says nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The session's broker. A test that stops, kills or pauses it leaves it running."""
    with Broker(tmp_path_factory.mktemp("kafka"), heap="512m") as broker:
        yield broker


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes a file system of the given size, e.g. `2m`, or with the given options, e.g. `2m,ro`."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a disk small enough to fill")
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
        if done.returncode != 0:
            pytest.skip("this container may not mount a disk small enough to fill")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def topic_prefix(request: pytest.FixtureRequest) -> Iterator[str]:
    """Begin the names of topics and groups with it, and no other test sees them. The topics go with the test: of
    thousands, every client's metadata and each of the broker's rounds would become slow."""
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    yield prefix
    if "kafka" in request.fixturenames:
        broker: Broker = request.getfixturevalue("kafka")
        with admin.connected(Settings(bootstrap=broker.bootstrap), timeout_s=30) as client:
            client.delete_topics([name for name in client.list_topics() if name.startswith(prefix)])
