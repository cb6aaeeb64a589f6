"""What this system is made of besides its own code: every locked distribution of Python, jar and npm package.

Read from the three locks: requirements.lock, ops/kafka/jars.lock and web/package-lock.json. Licences are what the
installed distributions say, what npm's lock says, and for jars what `JAR_LICENCES` says by Maven group: it was read
from the jars' own manifests and licence files.
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from streams.kafka.jars import read_lock

ROOT = Path(__file__).resolve().parents[2]

#: Licences of jars by Maven group, SPDX. A group that isn't here has none that was looked at: a test fails.
JAR_LICENCES = {
    "com.dynatrace.hash4j": "Apache-2.0",
    "com.fasterxml.jackson.core": "Apache-2.0",
    "com.fasterxml.jackson.dataformat": "Apache-2.0",
    "com.fasterxml.jackson.datatype": "Apache-2.0",
    "com.github.ben-manes.caffeine": "Apache-2.0",
    "com.github.luben": "BSD-2-Clause",
    "com.google.re2j": "BSD-3-Clause",
    "com.typesafe.scala-logging": "Apache-2.0",
    "com.yammer.metrics": "Apache-2.0",
    "commons-beanutils": "Apache-2.0",
    "commons-collections": "Apache-2.0",
    "commons-digester": "Apache-2.0",
    "commons-logging": "Apache-2.0",
    "commons-validator": "Apache-2.0",
    "net.sf.jopt-simple": "MIT",
    "net.sourceforge.argparse4j": "MIT",
    "org.apache.kafka": "Apache-2.0",
    "org.apache.logging.log4j": "Apache-2.0",
    "org.bitbucket.b_c": "Apache-2.0",
    "org.hdrhistogram": "CC0-1.0 OR BSD-2-Clause",
    "org.jspecify": "Apache-2.0",
    "org.lz4": "Apache-2.0",
    "org.pcollections": "MIT",
    "org.scala-lang": "Apache-2.0",
    "org.slf4j": "MIT",
    "org.xerial.snappy": "Apache-2.0",
    "org.yaml": "Apache-2.0",
}

Ecosystem = Literal["PyPI", "Maven", "npm"]


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One locked package: its name as its ecosystem has it, and hashes as (algorithm, hexadecimal digits).

    `licence` is as its maker wrote it; empty where it isn't known, as of a package that isn't installed here.
    `shipped` says whether who installs this system gets it; the rest is for developers.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...] = ()
    licence: str = ""
    shipped: bool = True

    @property
    def purl(self) -> str:
        """Its package URL, <https://github.com/package-url>."""
        path = self.name.replace(":", "/").replace("@", "%40")
        return f"pkg:{self.ecosystem.lower()}/{path}@{self.version}"


def components() -> list[Component]:
    """All of them, sorted."""
    return sorted((*distributions(), *jars(), *npm_packages()))


# ---------------------------------------------------------------------- Python


def distributions() -> Iterator[Component]:
    """The distributions of requirements.lock."""
    shipped = needed(name for name in extras() if name != "dev")
    text = (ROOT / "requirements.lock").read_text("utf-8")
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", block)
        if found:
            name, version = found.groups()
            hashes = tuple(("SHA-256", one) for one in re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            yield Component("PyPI", name, version, hashes, licence_of(name), normal(name) in shipped)


def normal(name: str) -> str:
    """A distribution's name as indices compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _installed() -> dict[str, importlib.metadata.Distribution]:
    return {normal(one.metadata["Name"]): one for one in importlib.metadata.distributions()}


def licence_of(name: str) -> str:
    """What an installed distribution says of its licence: the expression, the classifiers, or the first line."""
    found = _installed().get(normal(name))
    if found is None:
        return ""
    told = found.metadata.json
    expression = str(told.get("license_expression", ""))
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in told.get("classifier", ())
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    text = str(told.get("license", "")).strip().split("\n")[0]
    return expression or " OR ".join(classifiers) or text


def extras() -> dict[str, list[str]]:
    """What each extra asks for."""
    found: dict[str, list[str]] = _pyproject()["project"]["optional-dependencies"]
    return found


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def needed(names: Iterable[str], more: Iterable[str] = ()) -> frozenset[str]:
    """What these extras, and `more` requirements beside them, need, and what that needs in turn."""
    waiting = [*_pyproject()["project"]["dependencies"], *more]
    for name in names:
        waiting += extras()[name]
    found: set[str] = set()
    while waiting:
        need = re.match(r"[A-Za-z0-9._-]+", waiting.pop())
        name = normal(need[0]) if need else ""
        if name and name not in found:
            found.add(name)
            installed = _installed().get(name)
            waiting += [one for one in (installed.requires if installed else None) or [] if "extra ==" not in one]
    return frozenset(found)


# ---------------------------------------------------------------------- Java and JavaScript


def jars() -> Iterator[Component]:
    """Kafka and what it needs, of ops/kafka/jars.lock."""
    for jar in read_lock(ROOT / "ops" / "kafka" / "jars.lock"):
        hashes = (("SHA-256", jar.sha256),)
        licence = JAR_LICENCES.get(jar.group, "")
        yield Component("Maven", f"{jar.group}:{jar.name}", jar.version, hashes, licence)


def npm_packages() -> Iterator[Component]:
    """What the page's bundle is built of and by, of web/package-lock.json."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    for path, entry in lock["packages"].items():
        if path:
            algorithm, _, digest = entry["integrity"].partition("-")
            hashes = ((algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex()),)
            name = path.rpartition("node_modules/")[2]
            # The builder is not in the bundle; everything of d3 is.
            yield Component("npm", name, entry["version"], hashes, entry.get("license", ""), name.startswith("d3"))
