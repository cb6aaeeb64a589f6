"""The pinned jars: had once, checked always; a clear word when they can't be had. Repositories are local."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streams.kafka import JarsError, jars, probe
from streams.kafka.__main__ import main
from streams.kafka.jars import REPOSITORY_VARIABLE, Jar, ensure_jars, read_lock

ROOT = Path(__file__).parents[2]
ONE = Jar("one", "1.0", hashlib.sha256(b"one").hexdigest(), "org.example")
TWO = Jar("two", "2.0", hashlib.sha256(b"two").hexdigest(), "org.example")


@pytest.fixture(scope="module")
def real_cache() -> Path:
    """The cache with Kafka's own jars, which the tests with a broker need too."""
    ensure_jars()
    return jars.default_cache()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Pins two jars of nothing."""
    path = tmp_path / "jars.lock"
    path.write_text(
        "# two\n" + "".join(f"{jar.name} {jar.version} {jar.sha256} {jar.group}\n" for jar in (ONE, TWO))
    )
    return path


class Handler(SimpleHTTPRequestHandler):
    """Serves files silently; what is named `….short` is announced longer than it is."""

    requests: list[str]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def send_header(self, keyword: str, value: str) -> None:
        if keyword.lower() == "content-length" and Path(self.translate_path(self.path) + ".short").exists():
            value = str(int(value) + 5)
        super().send_header(keyword, value)


class Repository:
    """A Maven repository on loopback."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def add(self, jar: Jar, content: bytes, pom: str = "") -> Path:
        folder = self.folder / jar.group.replace(".", "/") / jar.name / jar.version
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / jar.filename
        path.write_bytes(content)
        path.with_suffix(".pom").write_text(
            f"<project><modelVersion>4.0.0</modelVersion><groupId>{jar.group}</groupId>"
            f"<artifactId>{jar.name}</artifactId><version>{jar.version}</version>{pom}</project>"
        )
        return path


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    folder = tmp_path / "repository"
    folder.mkdir()
    with ThreadingHTTPServer((probe.HOST, 0), partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Repository(folder, f"http://{probe.HOST}:{server.server_port}")
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> str:
    """A repository that can't be reached."""
    return f"http://{probe.HOST}:{probe.free_port()}"


def linked(source: Path, target: Path) -> Path:
    """A cache that can be changed without changing the real one."""
    target.mkdir()
    for jar in read_lock():
        (target / jar.filename).symlink_to(source / jar.filename)
    return target


def test_the_lock_pins_kafka_and_its_logging_once_each_and_names_no_address() -> None:
    pinned = read_lock()
    named = {str(jar) for jar in pinned}
    assert {jars.KAFKA, jars.LOGGING, jars.TOOLS} <= named
    assert len({jar.filename for jar in pinned}) == len(pinned) == len(named)
    assert {jar.version for jar in pinned if jar.group == "org.apache.kafka"} == {"4.1.1"}
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in pinned)
    assert "//" not in (ROOT / "ops/kafka/jars.lock").read_text()


def test_all_that_is_pinned_is_on_the_class_path_and_with_a_full_cache_nothing_is_asked(
    real_cache: Path, nobody: str
) -> None:
    paths = ensure_jars(real_cache, repository=nobody)
    assert [path.name for path in paths] == [jar.filename for jar in read_lock()]
    assert not jars.missing(real_cache)


def test_a_flipped_byte_in_the_cache_is_found_and_named(real_cache: Path, tmp_path: Path) -> None:
    cache = linked(real_cache, tmp_path / "cache")
    path = cache / "kafka-server-4.1.1.jar"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(JarsError, match=r"kafka-server-4\.1\.1\.jar .*not the pinned one") as caught:
        ensure_jars(cache)
    assert f"Delete {path}" in str(caught.value)


def test_another_sum_in_the_lock_is_found_and_named(real_cache: Path, tmp_path: Path) -> None:
    text = (ROOT / "ops/kafka/jars.lock").read_text()
    scala = next(jar for jar in read_lock() if jar.name == "scala-library")
    changed = tmp_path / "jars.lock"
    changed.write_text(text.replace(scala.sha256, "0" * 64))
    with pytest.raises(JarsError, match=rf"{scala.filename} .*{scala.sha256}, jars.lock says {'0' * 64}"):
        ensure_jars(real_cache, lock=changed)


def test_a_cached_jar_that_cannot_be_read_is_named(lock: Path, tmp_path: Path) -> None:
    (tmp_path / ONE.filename).mkdir()
    with pytest.raises(JarsError, match=r"one-1\.0\.jar can't be read"):
        ensure_jars(tmp_path, lock=lock)


def test_what_is_missing_is_fetched_checked_and_kept(repository: Repository, lock: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    repository.add(ONE, b"one")
    repository.add(TWO, b"two")
    seen: list[tuple[int, int]] = []
    assert jars.missing(cache, lock) == [ONE, TWO]
    paths = ensure_jars(
        cache,
        lock=lock,
        repository=repository.url + "/",
        progress=lambda done, total, _: seen.append((done, total)),
    )
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert sorted(cache.iterdir()) == sorted(paths), "nothing else stays"
    assert seen == [(1, 2), (2, 2)]


def test_only_what_is_missing_is_fetched(repository: Repository, lock: Path, tmp_path: Path) -> None:
    (tmp_path / ONE.filename).write_bytes(b"one")
    repository.add(TWO, b"two")
    assert len(ensure_jars(tmp_path, lock=lock, repository=repository.url)) == 2


def test_a_changed_jar_from_the_repository_is_refused_and_not_kept(
    repository: Repository, lock: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    repository.add(ONE, b"one")
    repository.add(TWO, b"tvo")
    with pytest.raises(JarsError, match=r"two-2\.0\.jar \(org\.example:two:2\.0\) is not the pinned one"):
        ensure_jars(cache, lock=lock, repository=repository.url)
    assert not (cache / TWO.filename).exists()
    assert not list(cache.glob(".*"))


def test_a_transfer_that_breaks_off_leaves_nothing(repository: Repository, lock: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    repository.add(ONE, b"one")
    path = repository.add(TWO, b"two")
    path.with_name(path.name + ".short").touch()
    with pytest.raises(JarsError, match=r"org\.example:two:2\.0"):
        ensure_jars(cache, lock=lock, repository=repository.url)
    assert not (cache / TWO.filename).exists()


def test_a_repository_without_the_jar_is_said(repository: Repository, lock: Path, tmp_path: Path) -> None:
    with pytest.raises(JarsError, match=r"could not be fetched .*not found"):
        ensure_jars(tmp_path / "cache", lock=lock, repository=repository.url)


def test_offline_the_message_says_the_reason_and_all_ways_out(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(JarsError, match="can't be had") as caught:
        ensure_jars(tmp_path / "cache", repository=nobody)
    message = str(caught.value)
    for words in ("Connection refused", REPOSITORY_VARIABLE, "--bootstrap", "start again"):
        assert words in message
    assert len(message) < 600
    assert not list((tmp_path / "cache").iterdir())


def test_the_repository_can_be_said_in_the_environment(
    repository: Repository, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add(ONE, b"one")
    repository.add(TWO, b"two")
    monkeypatch.setenv(REPOSITORY_VARIABLE, repository.url)
    assert len(ensure_jars(tmp_path / "cache", lock=lock)) == 2


def test_a_full_disk_is_not_taken_for_a_lost_network(
    repository: Repository, tmp_path: Path, tiny_disk: Callable[[str], Path]
) -> None:
    content = os.urandom(200_000)
    big = Jar("big", "1", hashlib.sha256(content).hexdigest(), "org.example")
    repository.add(big, content)
    lock = tmp_path / "jars.lock"
    lock.write_text(f"{big.name} {big.version} {big.sha256} {big.group}\n")
    with pytest.raises(JarsError, match=r"No space left on device.*--cache"):
        ensure_jars(tiny_disk("64k"), lock=lock, repository=repository.url)


def test_a_cache_that_cannot_be_made_is_said(lock: Path, tmp_path: Path, nobody: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JarsError, match=r"can't be written to .*--cache"):
        ensure_jars(tmp_path / "file" / "cache", lock=lock, repository=nobody)


@pytest.mark.parametrize("line", ["kafka 4.1.1", "kafka 4.1.1 abc org.apache.kafka", "one two three four five"])
def test_a_damaged_lock_is_said_with_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "jars.lock"
    path.write_text(f"# a comment\n{line}\n")
    with pytest.raises(JarsError, match=r"jars\.lock, line 2"):
        read_lock(path)


def test_a_lock_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JarsError, match=r"none\.lock can't be read"):
        read_lock(tmp_path / "none.lock")


def test_pinning_resolves_writes_what_it_found_and_the_next_start_believes_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = (
        "<dependencies><dependency><groupId>org.example</groupId><artifactId>one</artifactId>"
        "<version>1.0</version></dependency></dependencies>"
    )
    for coordinate, pom in ((jars.KAFKA, needs), (jars.LOGGING, ""), (jars.TOOLS, "")):
        group, name, version = coordinate.split(":")
        repository.add(Jar(name, version, "", group), name.encode(), pom)
    repository.add(ONE, b"one")
    monkeypatch.setenv(REPOSITORY_VARIABLE, repository.url)
    lock = tmp_path / "new.lock"
    main(["--pin", "--lock", str(lock)])
    assert {str(jar) for jar in read_lock(lock)} == {jars.KAFKA, jars.LOGGING, jars.TOOLS, str(ONE)}
    assert ONE in read_lock(lock)
    main(["--lock", str(lock), "--cache", str(tmp_path / "cache")])
    assert capsys.readouterr().out.splitlines() == ["4 jars pinned", "4 jars are there, with the pinned sums"]


def test_pinning_without_a_network_says_so_and_leaves_the_lock(
    nobody: str, lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lock.read_text()
    monkeypatch.setenv(REPOSITORY_VARIABLE, nobody)
    with pytest.raises(SystemExit) as caught:
        main(["--pin", "--lock", str(lock)])
    assert caught.value.code == 1
    assert "can't be had" in capsys.readouterr().err
    assert lock.read_text() == before


@pytest.mark.parametrize("installed", [True, False], ids=["wheel", "checkout"])
def test_the_lock_is_found_in_a_wheel_and_in_a_checkout(installed: bool, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "streams/kafka", tmp_path / "streams/kafka", ignore=shutil.ignore_patterns("ops", "__pycache__")
    )
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "streams" / name, tmp_path / "streams")
    ops = tmp_path / ("streams/kafka/ops" if installed else "ops/kafka")
    code = "from streams.kafka.jars import ops_folder; print(ops_folder())"
    run = partial(
        subprocess.run, [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "this installation is damaged" in run().stderr
    shutil.copytree(ROOT / "ops/kafka", ops)
    assert run().stdout.strip() == str(ops)
