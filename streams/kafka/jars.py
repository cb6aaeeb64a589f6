"""Kafka's jars: which ones, by version and SHA-256 sum, and getting them from a Maven repository once.

`jars.lock` names every jar. What is in the cache and has the pinned sum is used without touching the
network; what is missing is fetched by jgo's resolver, in Python, and kept only if its sum is the pinned one.

Regenerate the lock after a change of `KAFKA`, `LOGGING` or `TOOLS`:  python -m streams.kafka --pin
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.kafka.errors import OTHER_KAFKA, JarsError

KAFKA = "org.apache.kafka:kafka_2.13:4.1.1"
#: Kafka logs through SLF4J 1.7 and brings log4j-core; this binds the two. Its own needs are among Kafka's.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"
#: Kafka's own programs, the console consumer among them; what they need is among Kafka's needs.
TOOLS = "org.apache.kafka:kafka-tools:4.1.1"

#: Another Maven repository than Central, a company's mirror for instance.
REPOSITORY_VARIABLE = "SHUTDOWNS_MAVEN_REPOSITORY"

_FETCHES_AT_ONCE = 4
_HTTP_TIMEOUT_S = 30
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO)

#: Called after each jar with (how many are there, of how many, the name of the newest).
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, order=True)
class Jar:
    """One pinned jar: `name` is Maven's artifact, `sha256` is in hexadecimal digits."""

    name: str
    version: str
    sha256: str
    group: str

    @property
    def filename(self) -> str:
        """What the file is called, in the cache as in the repository."""
        return f"{self.name}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"


def ops_folder() -> Path:
    """Where the lock and the settings of the broker are: in an installed wheel, or in a checkout.

    Raises:
        JarsError: in neither.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "ops", package.parents[1] / "ops" / "kafka"):
        if (folder / "jars.lock").is_file():
            return folder
    raise JarsError(f"jars.lock is not in {package / 'ops'}: this installation is damaged. Install it again.")


def read_lock(path: Path | None = None) -> list[Jar]:
    """The pinned jars.

    Raises:
        JarsError: there is no such file, or a line in it is not `name version sha256 group`.
    """
    path = path or ops_folder() / "jars.lock"
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise JarsError(f"the pinned sums in {path} can't be read: {error}") from error
    jars = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 4 or len(words[2]) != 64:
            raise JarsError(f"{path}, line {number}: expected `name version sha256 group`, found {line!r}")
        jars.append(Jar(*words))
    return jars


def default_cache() -> Path:
    """Where the jars are kept: shutdown-streams/kafka in the user's cache folder (XDG_CACHE_HOME)."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "shutdown-streams" / "kafka"


def missing(cache: Path | None = None, lock: Path | None = None) -> list[Jar]:
    """The pinned jars that are not in the cache yet."""
    folder = cache or default_cache()
    return [jar for jar in read_lock(lock) if not (folder / jar.filename).exists()]


def ensure_jars(
    cache: Path | None = None,
    *,
    lock: Path | None = None,
    repository: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """The class path: every pinned jar, its sum checked. Fetches only what the cache lacks.

    The sums are checked every time: 48 MB take 0.05 s.

    Args:
        cache: folder of the jars, `default_cache()` if not given.
        lock: the file with the pinned sums, the package's own if not given.
        repository: URL of a Maven repository; else $SHUTDOWNS_MAVEN_REPOSITORY, else Maven Central.
        progress: called after each jar that was fetched.

    Raises:
        JarsError: a jar can't be fetched, or its sum is not the pinned one.
    """
    folder = cache or default_cache()
    jars = read_lock(lock)
    for jar in jars:
        path = folder / jar.filename
        if path.exists():
            _check(jar, path, f"Delete {path} and start again: it is then fetched anew.")
    lacking = [jar for jar in jars if not (folder / jar.filename).exists()]
    if lacking:
        _fetch(lacking, folder, repository, progress or (lambda *_: None))
    return [folder / jar.filename for jar in jars]


def _check(jar: Jar, path: Path, advice: str) -> None:
    try:
        found = _sha256(path)
    except OSError as error:
        raise JarsError(f"{path} can't be read: {error.strerror or error}. {advice}") from error
    if found != jar.sha256:
        raise JarsError(
            f"{path.name} ({jar}) is not the pinned one: its SHA-256 is {found}, "
            f"jars.lock says {jar.sha256}. {advice}"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(jars: Sequence[Jar], folder: Path, repository: str | None, progress: Progress) -> None:
    """Fetch into a staging folder, check, and only then move into the cache: a jar there is whole, always."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as staging:
            context = _maven(Path(staging), repository)
            with ThreadPoolExecutor(_FETCHES_AT_ONCE) as pool:
                work = [pool.submit(_fetch_one, context, jar, folder) for jar in jars]
                try:
                    for done, future in enumerate(as_completed(work), 1):
                        progress(done, len(jars), str(future.result()))
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
    except OSError as error:
        raise JarsError(
            f"Kafka's jars can't be written to {folder}: {error.strerror or error}. "
            "Make space or say another folder with --cache."
        ) from error


def _fetch_one(context: Any, jar: Jar, folder: Path) -> Jar:
    try:
        path: Path = context.project(jar.group, jar.name).at_version(jar.version).artifact().resolve()
    except Exception as error:
        # jgo lets out whatever requests, urllib3 and it itself raise: all but a full or locked disk mean the same.
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            raise
        raise _unreachable(str(jar), error) from error
    _check(jar, path, "Nothing of it was kept. The repository or what is between changed it; try another network.")
    path.replace(folder / jar.filename)
    return jar


def _unreachable(what: str, error: BaseException) -> JarsError:
    root = error
    while (deeper := root.__cause__ or root.__context__) is not None:
        root = deeper  # what requests wraps says more shortly what happened
    reason = " ".join(str(root).split())[:300] or type(root).__name__
    return JarsError(
        f"Kafka's jars can't be had: {what} could not be fetched ({reason}). Connect to the internet and "
        f"start again, once is enough; or set {REPOSITORY_VARIABLE} to the URL of a Maven repository that you "
        f"can reach. {OTHER_KAFKA}"
    )


def _maven(repo_cache: Path, repository: str | None) -> Any:
    try:
        from jgo.constants import MAVEN_CENTRAL_URL
        from jgo.maven import MavenContext
    except ImportError as error:
        raise JarsError(
            "jgo, which fetches Kafka's jars, is not installed. "
            f"Run pip install 'shutdown-streams[kafka]'. {OTHER_KAFKA}"
        ) from error
    url = repository or os.environ.get(REPOSITORY_VARIABLE) or MAVEN_CENTRAL_URL
    return MavenContext(
        repo_cache=repo_cache, local_repos=[], remote_repos={"repository": url.rstrip("/")}, timeout=_HTTP_TIMEOUT_S
    )


def pin(lock: Path, repository: str | None = None) -> list[Jar]:
    """Resolve `KAFKA` and its needs, fetch all, and write their sums to `lock`.

    The others are added by themselves: resolved together, log4j's list of versions would hold Kafka's own back.

    Raises:
        JarsError: something can't be fetched.
    """
    with tempfile.TemporaryDirectory() as folder:
        maven = _maven(Path(folder), repository)
        try:
            roots, needs = maven.resolver.resolve([maven.create_dependency(KAFKA)])
            artifacts = [one.artifact for one in (*roots, *needs) if one.scope in (None, "compile", "runtime")]
            artifacts += [maven.create_dependency(one).artifact for one in (LOGGING, TOOLS)]
            jars = {_pinned(artifact) for artifact in artifacts}
        except Exception as error:
            raise _unreachable(KAFKA, error) from error
    lock.write_text(_lock_text(jars), "utf-8")
    return sorted(jars)


def _pinned(artifact: Any) -> Jar:
    return Jar(artifact.artifactId, artifact.version, _sha256(artifact.resolve()), artifact.groupId)


def _lock_text(jars: Iterable[Jar]) -> str:
    head = (
        f"# Every jar of {KAFKA}, {LOGGING} and {TOOLS}: name, version, SHA-256, group.\n"
        "# Written by `python -m streams.kafka --pin`; checked at every start of `shutdowns kafka`.\n"
    )
    return head + "".join(f"{jar.name} {jar.version} {jar.sha256} {jar.group}\n" for jar in sorted(jars))
