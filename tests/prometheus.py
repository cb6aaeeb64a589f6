"""A real Prometheus over pages of this machine, with the repository's own rules, hastened."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

RULES = Path(__file__).parents[1] / "ops" / "prometheus" / "alerts.yml"

#: Why a test that wants it skips; None where it is here.
ABSENT = None if shutil.which("prometheus") else "prometheus (Debian's package of that name) is not here"

_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def hastened(rules: str, factor: int) -> str:
    """The same rules with every duration so much shorter: how long an alert must hold, and the windows of rates.

    Thresholds stay as they are: they are not durations but what is measured.
    """

    def shorter(found: re.Match[str]) -> str:
        return f"{int(found[1]) * _UNITS_MS[found[2]] // factor}ms"

    groups = yaml.safe_load(rules)
    for group in groups["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = re.sub(r"^(\d+)([smhd])$", shorter, rule["for"])
            rule["expr"] = re.sub(r"(?<=\[)(\d+)([smhd])(?=\])", shorter, rule["expr"])
    return json.dumps(groups)


class Prometheus:
    """One that runs, and is asked."""

    def __init__(self, address: str) -> None:
        self._address = address

    def firing(self) -> dict[str, list[dict[str, str]]]:
        """The alerts that fire now, each with the labels of those that do."""
        found: dict[str, list[dict[str, str]]] = {}
        for alert in self._ask("alerts")["alerts"]:
            if alert["state"] == "firing":
                labels = dict(alert["labels"])
                found.setdefault(labels.pop("alertname"), []).append(labels)
        return found

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression comes to now."""
        found: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return found

    def names(self) -> set[str]:
        """The names of all metrics of ours that it has scraped."""
        return {name for name in self._ask("label/__name__/values") if name.startswith("shutdowns_")}

    def _ask(self, what: str, **parameters: str) -> Any:
        answer = httpx.get(f"{self._address}/api/v1/{what}", params=parameters, timeout=10)
        answer.raise_for_status()
        return answer.json()["data"]


@contextmanager
def prometheus(
    folder: Path, targets: Sequence[str], *, factor: int, every_ms: int = 500, rules: Path = RULES
) -> Iterator[Prometheus]:
    """Prometheus on the loopback, its data in `folder`, which scrapes `targets` (HOST:PORT) until the end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alerts.json").write_text(hastened(rules.read_text(), factor))
    config = {
        "global": dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), f"{every_ms}ms"),
        "rule_files": ["alerts.json"],
        "scrape_configs": [{"job_name": "shutdowns", "static_configs": [{"targets": list(targets)}]}],
    }
    (folder / "prometheus.json").write_text(json.dumps(config))
    address = f"127.0.0.1:{free_port()}"
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.json'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(f"http://{address}/-/ready", process, folder / "prometheus.log")
        yield Prometheus(f"http://{address}")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"Prometheus is not ready: {log.read_text()[-2000:]}")
