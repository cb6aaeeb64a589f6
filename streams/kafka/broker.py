"""A real Apache Kafka broker on this machine, as a child process: for people, for the demo and for tests."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.kafka import jars, probe, secure
from streams.kafka.diagnosis import LogMark, explain
from streams.kafka.errors import BrokerFailed, KafkaError, PortTaken
from streams.kafka.java import broker_command, check_heap, environment, format_command, most_mb
from streams.kafka.storage import Storage, new_cluster_id

_PORT_ATTEMPTS = 3


class Broker:
    """One KRaft broker and controller, heard on the loopback interface only.

    Its data stay in `folder` and are used again by the next start. It ends with the process that started it,
    even if that is killed (on Linux; and with the thread, so start it from one that lives as long).

    >>> with Broker(Path(".kafka")) as broker:  # doctest: +SKIP
    ...     print(broker.bootstrap)

    Args:
        folder: data, logs and configuration; made if it does not exist.
        port: of the broker; 0 takes a free one at the first start and keeps it over restarts.
        heap: Java's, like 512m.
        cache: folder of Kafka's jars, see `jars.ensure_jars`.
        secured: whether clients must say who they are, by password or certificate; see `streams.kafka.secure`.
        node: its number, and
        cluster_id: what its folder is made for, where it is one of a cluster (see `streams.kafka.cluster`).
        settings: broker settings that override those of ops/kafka/broker.properties.
        min_free_mb: the least free space, in MB, to start with.
        start_timeout_s: within which the broker must answer.
        stop_timeout_s: after which a broker that does not stop is killed.
        progress: called for each jar fetched.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        heap: str = "512m",
        cache: Path | None = None,
        secured: bool = False,
        node: int = 1,
        cluster_id: str | None = None,
        settings: Mapping[str, str] | None = None,
        min_free_mb: float = 200,
        start_timeout_s: float = 90,
        stop_timeout_s: float = 30,
        progress: jars.Progress | None = None,
    ) -> None:
        self.storage = Storage(folder, node)
        self._port_is_ours_to_choose = port == 0
        self._port = port
        self._heap = check_heap(heap)
        self._cache = cache
        self._settings = dict(settings or {})
        self._cluster_id = cluster_id
        self.identities = secure.Identities(self.storage.root / "security") if secured else None
        self._tls_port = 0
        self._min_free_mb = min_free_mb
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._progress = progress
        self._process: subprocess.Popen[bytes] | None = None
        self._mark = LogMark(self.storage)

    @property
    def bootstrap(self) -> str:
        """Where clients connect, HOST:PORT."""
        return f"{probe.HOST}:{self.port}"

    @property
    def port(self) -> int:
        """The port; 0 before the first start if a free one was asked for."""
        return self._port

    @property
    def tls_bootstrap(self) -> str:
        """Where clients with a certificate connect, if it is secured."""
        return f"{probe.HOST}:{self._tls_port}"

    @property
    def pid(self) -> int:
        """Java's process id.

        Raises:
            KafkaError: it was not started.
        """
        return self._child().pid

    @property
    def most_mb(self) -> float:
        """The memory that its process may take, MB."""
        return most_mb(self._heap)

    @property
    def running(self) -> bool:
        """Whether its process lives, paused or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def cluster_id(self) -> str | None:
        """Of the data in the folder; None before the first start."""
        return self.storage.cluster_id()

    def start(self) -> Self:
        """Start, and return when the broker answers clients.

        Raises:
            JarsError, JavaError, PortTaken, DiskFull, FolderError, FolderInUse, BrokerFailed: what they say.
        """
        if self.running:
            return self
        if self._port:
            probe.check_port(self._port)
        class_path = jars.ensure_jars(self._cache, progress=self._progress)
        lock = self.storage.acquire()
        try:
            self.storage.check_space(self._min_free_mb)
            for attempt in range(1, _PORT_ATTEMPTS + 1):
                try:
                    self._start_once(class_path, lock)
                    break
                except PortTaken:
                    # A port that was free a moment ago; only one that the user asked for is theirs to change.
                    if attempt == _PORT_ATTEMPTS or not self._may_choose_again():
                        raise
        except BaseException:
            self.kill()
            self.storage.release()
            raise
        return self

    def _may_choose_again(self) -> bool:
        if self._port_is_ours_to_choose:
            self._port = 0
            return True
        return probe.is_free(self._port)  # then it was the controller's port, which is chosen anew each time

    def stop(self) -> bool:
        """Stop cleanly, or by force after `stop_timeout_s`, and give the folder back.

        Returns:
            Whether force was not needed; True if it did not run.
        """
        clean = True
        if self.running:
            self.resume()
            self._child().send_signal(signal.SIGTERM)
            try:
                self._child().wait(self._stop_timeout_s)
            except subprocess.TimeoutExpired:
                clean = False
        self.kill()
        self.storage.release()
        return clean

    def kill(self) -> None:
        """SIGKILL, as a crash would be; the folder stays this broker's until `stop`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: the broker answers nobody, its connections stay open."""
        self._child().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: go on after `pause`."""
        self._child().send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop cleanly and start again, at the same port, with the same data."""
        self.stop()
        self.start()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Wait for the end of the broker; gives its exit code, None if it still runs after `timeout_s`."""
        try:
            return self._child().wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def failure(self) -> KafkaError:
        """Why a broker that has ended by itself did so."""
        return explain("Kafka ended by itself", self._mark.lines(), self.storage, self._port, self._child().poll())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _child(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise KafkaError(f"the broker of {self.storage.root} was not started: call start() first.")
        return self._process

    def _start_once(self, class_path: list[Path], lock: int) -> None:
        self._port = self._port or probe.free_port()
        probe.check_port(self._port)
        self._write_properties()
        if self.storage.cluster_id() is None:
            self._format(class_path)
        self._mark = LogMark(self.storage)
        command = broker_command(class_path, self.storage, self._heap)
        with self.storage.console.open("ab") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                cwd=self.storage.root,
                env=environment(),
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C is for the parent, which then stops the broker cleanly
            )
        self.storage.note_holder(f"process {self._process.pid}, at {self.bootstrap}")
        self._wait_until_ready()
        self._port_is_ours_to_choose = False  # clients know it now

    def _write_properties(self) -> None:
        port, controller = self._port, probe.free_port(self._port)
        plain = {
            "listeners": f"PLAINTEXT://{probe.HOST}:{port},CONTROLLER://{probe.HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{probe.HOST}:{port}",
        }
        settings = {
            **(plain if self.identities is None else self._secure(self.identities, controller)),
            "controller.quorum.voters": f"{self.storage.node}@{probe.HOST}:{controller}",
            **self._settings,
        }
        self.storage.write_properties((jars.ops_folder() / "broker.properties").read_text("utf-8"), settings)

    def _secure(self, identities: secure.Identities, controller: int) -> Mapping[str, str]:
        secure.ensure(identities.folder, probe.HOST)
        self._tls_port = self._tls_port or probe.free_port(self._port, controller)
        secure.write_settings(identities, probe.HOST, self._port, self._tls_port)
        return secure.properties(identities, probe.HOST, self._port, self._tls_port, controller)

    def _format(self, class_path: list[Path]) -> None:
        command = format_command(class_path, self.storage, self._cluster_id or new_cluster_id())
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd=self.storage.root,
                env=environment(),
                timeout=self._start_timeout_s,
            )
        except subprocess.TimeoutExpired as error:
            raise BrokerFailed(
                f"preparing {self.storage.data} took longer than {self._start_timeout_s:.0f} s. Start again."
            ) from error
        if done.returncode != 0:
            lines = (done.stderr + done.stdout).splitlines()
            raise explain("Kafka could not prepare its folder", lines, self.storage, self._port, done.returncode)

    def _wait_until_ready(self) -> None:
        child = self._child()
        deadline = time.monotonic() + self._start_timeout_s
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise explain("Kafka did not start", self._mark.lines(), self.storage, self._port, child.returncode)
            if self._answers():
                return
            time.sleep(0.1)
        what = f"Kafka did not answer within {self._start_timeout_s:.0f} s"
        raise explain(what, self._mark.lines(), self.storage, self._port, None)

    def _answers(self) -> bool:
        if self.identities is None:
            return probe.answers(self._port)
        if not probe.answers(self._tls_port, context=self.identities.client_context("admin")):
            return False
        secure.create_users(self.identities, self.tls_bootstrap)
        return True
