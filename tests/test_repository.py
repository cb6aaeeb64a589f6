"""What must agree across files: compose and code, README and commands, the lock, style."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.cli.main import COMMANDS, shutdowns
from streams.settings import Settings, documented
from tests.commands import parse
from topics import CATALOGUE

ROOT = Path(__file__).parents[1]
TEXTS = (".py", ".md", ".toml", ".yml", ".yaml", ".lock", ".txt", ".json", ".tsv")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_runs_the_kafka_that_the_tests_run(compose: dict[str, Any]) -> None:
    image, _, version = compose["services"]["kafka"]["image"].partition(":")
    assert image == "apache/kafka"
    assert re.search(rf"^kafka_2\.13\S*\s+{re.escape(version)}\b", (ROOT / "ops/kafka/jars.lock").read_text(), re.M)


def test_composes_variables_are_settings(compose: dict[str, Any]) -> None:
    known = {variable for _, variable, _, _ in documented()}
    ours = [service for service in compose["services"].values() if service["image"] == "shutdown-streams"]
    assert len(ours) == 9
    for service in ours:
        assert service["environment"].keys() <= known
        Settings.from_environment(service["environment"])


def test_composes_processes_are_watched(compose: dict[str, Any]) -> None:
    """What stays and is ours has pages, which Prometheus scrapes, if it runs; and says whether it lives."""
    services = compose["services"]
    stay = {name for name, one in services.items() if one["image"] == "shutdown-streams" and "restart" in one}
    scraped = yaml.safe_load((ROOT / "ops/prometheus/compose.yml").read_text())["scrape_configs"][0][
        "dns_sd_configs"
    ]
    assert {*scraped[0]["names"]} == stay
    for name in stay:
        assert services[name]["environment"]["SHUTDOWNS_PAGES_PORT"] == str(scraped[0]["port"])
        assert f":{scraped[0]['port']}/livez" in services[name]["healthcheck"]["test"][-1]
    assert services["api"]["volumes"] == services["reports"]["volumes"], "one salt"


def test_composes_workers_reach_composes_kafka(compose: dict[str, Any]) -> None:
    bootstrap = compose["services"]["worker"]["environment"]["SHUTDOWNS_BOOTSTRAP"]
    kafka = compose["services"]["kafka"]["environment"]
    assert f"CONTAINERS://{bootstrap}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"HOST://{Settings().bootstrap}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_composes_cluster_keeps_three_copies_and_may_lose_one(compose: dict[str, Any]) -> None:
    services = compose["services"]
    brokers = [services[f"kafka{number}"] for number in (1, 2, 3)]
    assert {one["image"] for one in brokers} == {services["kafka"]["image"]}
    worker = services["worker-cluster"]["environment"]
    Settings.from_environment(worker)
    reached = worker["SHUTDOWNS_BOOTSTRAP"].split(",")
    voters = []
    for number, broker in enumerate(brokers, 1):
        environment = broker["environment"]
        assert environment["KAFKA_NODE_ID"] == str(number)
        assert environment["KAFKA_ADVERTISED_LISTENERS"] == f"CONTAINERS://{reached[number - 1]}"
        assert environment["KAFKA_DEFAULT_REPLICATION_FACTOR"] == worker["SHUTDOWNS_REPLICATION"] == "3"
        assert environment["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
        voters.append(f"{number}@kafka{number}:9093")
    assert {one["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"] for one in brokers} == {",".join(voters)}
    assert len({one["volumes"][0] for one in brokers}) == 3
    # Without --profile, none of it starts.
    assert all(service["profiles"] == ["cluster"] for name, service in services.items() if name[-1] in "123")


def test_composes_commands_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        if service["image"] == "shutdown-streams":
            parse(service["command"])
    assert "container_name" not in compose["services"]["worker"], "a named container can't be scaled"
    assert compose["services"]["worker"]["volumes"] == ["/var/lib/shutdown-streams"]
    assert "SHUTDOWNS_DATADIR=/var/lib/shutdown-streams" in (ROOT / "ops/docker/Dockerfile").read_text()


def test_the_readmes_commands_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for command in re.findall(r"shutdowns (\w[\w-]*)", text):
        if command not in ("holds", "and", "streams"):
            assert command in COMMANDS, command
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in link or (ROOT / link).exists(), link


def test_every_command_loads_and_has_help_worth_reading() -> None:
    context = shutdowns.make_context("shutdowns", ["--help"], resilient_parsing=True)
    for name in COMMANDS:
        command = shutdowns.get_command(context, name)
        assert command is not None
        assert command.help, name
        assert len(command.help) > 60, name


def test_every_topic_is_documented() -> None:
    text = (ROOT / "docs" / "TOPICS.md").read_text()
    assert all(f"`{topic.name}`" in text for topic in CATALOGUE)


@pytest.mark.parametrize("lock", ["requirements.lock", "ops/docker/requirements.lock"])
def test_the_locks_have_hashes_and_no_addresses(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    pins = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)


def test_no_file_names_a_place_of_one_machine() -> None:
    """Registries' hosts and absolute paths of a developer's machine belong into no file."""
    words = [
        "pypi" + ".org",
        "registry.npm" + "js",
        "repo1.mav" + "en",
        "deb.deb" + "ian",
        "files.python" + "hosted",
    ]
    words += ["/" + "work/", "/" + "root/", "/" + "home/"]
    found = []
    for path in tracked():
        if (
            path.suffix in (".py", ".md", ".toml", ".yml", ".yaml", ".lock", ".txt", ".json")
            or path.name == "Makefile"
        ):
            text = path.read_text()
            found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert not found


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=" ".join
)
def test_style(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
