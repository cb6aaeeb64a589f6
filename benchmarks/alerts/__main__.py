"""Cause every fault that ops/prometheus/alerts.yml tells of; see a real Prometheus tell it and fall silent again.

    python -m benchmarks.alerts                       all of them, about twenty minutes
    python -m benchmarks.alerts broker-killed flood   some

A broker, a worker of all stages, a live source, the API and a notifier run as processes of their own; Prometheus
scrapes their pages every second, with the repository's own rules, in which every duration is a thirtieth of what is
written: five minutes are ten seconds. Each fault is caused for real; once its alerts fire it is mended, and it is
waited until no alert fires. In the end every query of the dashboard is put to Prometheus, and what it scraped is
compared with docs/METRICS.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.alerts.faults import FAULTS, Fault
from benchmarks.alerts.stand import PROCESSES, Stand, standing
from tests.metrics import metrics

#: Every duration of the rules is so much shorter.
FACTOR = 30

#: An alert has so long to fire, and to fall silent, seconds.
PATIENCE_S = 240.0

DASHBOARD = Path(__file__).parents[2] / "ops" / "grafana" / "shutdowns.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"of {', '.join(FAULTS)} (default: all)")
    given = parser.parse_args()
    if unknown := set(given.faults) - FAULTS.keys():
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as name, standing(Path(name), FACTOR) as stand:
        wait(lambda: len(stand.prometheus.query("up == 1")) == len(PROCESSES), "all processes answer", stand)
        wait(lambda: well(stand), "no alert while all is well", stand)
        print("| alert | fault | fires after, s | silent after, s | beside it |\n|---|---|---|---|---|")
        missed = [alert for fault in given.faults or FAULTS for alert in tried(stand, FAULTS[fault])]
        empty = [query for query in queries() if not stand.prometheus.query(query)]
        scraped, documented = stand.prometheus.names(), metrics().keys()
    print(f"\nalerts that did not fire: {', '.join(missed) or 'none'}")
    print(f"queries of the dashboard without an answer: {'; '.join(empty) or 'none'}")
    print(f"scraped and not documented: {', '.join(sorted(scraped - documented)) or 'none'}")
    print(f"documented and not scraped: {', '.join(sorted(documented - scraped)) or 'none'}")
    sys.exit(1 if missed or empty or scraped ^ documented else 0)


def tried(stand: Stand, fault: Fault) -> list[str]:
    """Cause a fault, mend it, print a line for each of its alerts; gives those that did not fire."""
    fired: dict[str, float] = {}
    silent: dict[str, float] = {}
    beside: set[str] = set()
    began = time.monotonic()
    words = fault.cause(stand)
    while len(fired) < len(fault.alerts) and time.monotonic() < began + PATIENCE_S:
        firing = stand.prometheus.firing().keys()
        for alert in firing & set(fault.alerts):
            fired.setdefault(alert, time.monotonic() - began)
        beside |= firing - set(fault.alerts)
        time.sleep(0.25)
    mended = time.monotonic()
    fault.mend(stand)
    while time.monotonic() < mended + PATIENCE_S:
        # Asked first: an alert that ends between the two questions is told of in the next round, not missed.
        all_well = well(stand)
        firing = stand.prometheus.firing().keys()
        beside |= firing - set(fault.alerts)
        for alert in fired.keys() - firing:
            silent.setdefault(alert, time.monotonic() - mended)
        if all_well:
            break
        time.sleep(0.25)
    else:
        print(f"still firing: {stand.prometheus.firing()}", file=sys.stderr)
    for alert in fault.alerts:
        row = (alert, words, shown(fired.get(alert)), shown(silent.get(alert)), ", ".join(sorted(beside)) or "-")
        print(f"| {' | '.join(row)} |", flush=True)
    return [alert for alert in fault.alerts if alert not in fired or alert not in silent]


def well(stand: Stand) -> bool:
    """Whether no alert fires or is about to, and every process has heard of Kafka of late."""
    silent = "time() - shutdowns_kafka_seen_timestamp_seconds > 20"
    return not stand.prometheus.query("ALERTS") and not stand.prometheus.query(silent)


def shown(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f}"


def queries() -> Sequence[str]:
    """What the dashboard asks."""
    board = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def wait(holds: Callable[[], object], what: str, stand: Stand) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"not within {PATIENCE_S:.0f} s: {what}; firing: {stand.prometheus.firing()}")
        time.sleep(0.25)


if __name__ == "__main__":
    main()
