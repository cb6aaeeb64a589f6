"""What a replay is made of: which records, known by when, of which country and stretch of time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from streams.replay.errors import ReplayError
from streams.replay.knowledge import Clock
from streams.replay.records import Arrived
from topics import EVIDENCE, MEASUREMENTS, NEWS, REPORTS, CommonDrop, Measurement, Shutdown, Topic

Inputs = Literal["raw", "evidence"]

#: Evidence that the stages make has ids that begin so. What others publish on `evidence` is raw to a replay.
MADE_BY_STAGES = ("outage/", "coverage/", "blocking/", "claim/", "protest/")

#: Those of the stage `watch`, which a replay works out itself, unless it has one country alone.
MADE_ACROSS_COUNTRIES = "common-drop/"

#: Offsets of one partition: [from, until), until None for its end.
Offsets = Mapping[tuple[str, int], tuple[int, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which records a replay takes, and which shutdowns it gives. Times are Unix seconds, spans half-open.

    Args:
        country: only records and shutdowns of this country (alpha-2).
        since_s: only shutdowns that last beyond this time.
        until_s: only shutdowns that begin before it. What they stand on is not cut.
        arrived_from_s: only records whose time in Kafka is this or later.
        arrived_until_s: only records whose time in Kafka is earlier.
        offsets: of these partitions only these offsets; of others all.
        as_of_s: only what was known by this time, by `clock`.
        clock: what knowing means: see `streams.replay.knowledge`.
        without: records of these sources are left out.
        inputs: `raw` runs all stages over measurements, reports, news, and what others put on `evidence`;
            `evidence` runs correlation, and what compares countries, over all of that topic.

    What several countries have in common is worked out from what is replayed. A replay of one country can't: it
    takes what the stages said of that country.
    """

    country: str | None = None
    since_s: int | None = None
    until_s: int | None = None
    arrived_from_s: int | None = None
    arrived_until_s: int | None = None
    offsets: Offsets = field(default_factory=dict)
    as_of_s: int | None = None
    clock: Clock = "arrival"
    without: frozenset[str] = frozenset()
    inputs: Inputs = "raw"

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics to read."""
        return (EVIDENCE,) if self.inputs == "evidence" else (MEASUREMENTS, REPORTS, NEWS, EVIDENCE)

    @property
    def span_ms(self) -> tuple[int | None, int | None]:
        """Kafka's times of the records wanted, Unix milliseconds, half-open."""
        until_s = self.arrived_until_s
        if self.as_of_s is not None and self.clock == "arrival":
            until_s = self.as_of_s + 1 if until_s is None else min(until_s, self.as_of_s + 1)
        from_ms = None if self.arrived_from_s is None else self.arrived_from_s * 1000
        return from_ms, None if until_s is None else until_s * 1000

    def may_want(self, row: Arrived) -> bool:
        """Whether a record can be wanted, by what Kafka knows of it: cheap, before it is read."""
        if self.offsets and (row.topic, row.partition) in self.offsets:
            first, end = self.offsets[row.topic, row.partition]
            if row.offset < first or (end is not None and row.offset >= end):
                return False
        from_ms, until_ms = self.span_ms
        if row.timestamp_ms is None:
            if from_ms is not None or until_ms is not None:
                raise ReplayError(
                    "records of a file of lines have no time of arrival: ask by publication (--by publication)"
                )
        elif (from_ms is not None and row.timestamp_ms < from_ms) or (
            until_ms is not None and row.timestamp_ms >= until_ms
        ):
            return False
        return self.country is None or row.key is None or _may_be_of(row.topic, row.key, self.country.encode())

    def wants(self, topic: Topic, record: Any, lead_s: int) -> bool:
        """Whether a record that was read is wanted. `lead_s`: so much earlier measurements count for baselines."""
        if record.origin.source in self.without:
            return False
        if topic is EVIDENCE and self.inputs == "raw" and record.id.startswith(MADE_BY_STAGES):
            return False
        if self.country is not None and _country(record.country) != self.country:
            return False
        if isinstance(record, CommonDrop) and record.id.startswith(MADE_ACROSS_COUNTRIES):
            return self.country is not None and record.source not in self.without
        if isinstance(record, Measurement):
            if self.since_s is not None and record.until_s < self.since_s - lead_s:
                return False
            return self.until_s is None or record.from_s < self.until_s + lead_s
        return True

    def gives(self, shutdown: Shutdown) -> bool:
        """Whether a shutdown is of the country and stretch of time asked for."""
        if self.country is not None and shutdown.country != self.country:
            return False
        if self.until_s is not None and shutdown.from_s >= self.until_s:
            return False
        return self.since_s is None or shutdown.until_s is None or shutdown.until_s > self.since_s

    def told(self) -> dict[str, Any]:
        """The selection as a run's head has it: what is not set is not there."""
        found: dict[str, Any] = {"inputs": self.inputs}
        for name in ("country", "since_s", "until_s", "arrived_from_s", "arrived_until_s", "as_of_s"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value if name == "country" else _utc(value)
        if self.as_of_s is not None:
            found["clock"] = self.clock
        if self.without:
            found["without"] = sorted(self.without)
        if self.offsets:
            found["offsets"] = {f"{topic}:{part}": span for (topic, part), span in sorted(self.offsets.items())}
        return found


_MEASUREMENT_KEY = re.compile(rb"[^/]+/([A-Z]{2})")
_COUNTRY_KEY = re.compile(rb"[A-Z]{2}")


def _may_be_of(topic: str, key: bytes, country: bytes) -> bool:
    """Whether a record with this key can be of a country; keys of other forms say nothing."""
    if topic == MEASUREMENTS.name:
        found = _MEASUREMENT_KEY.fullmatch(key)
        return found is None or found.group(1) == country
    if topic == EVIDENCE.name:
        return _COUNTRY_KEY.fullmatch(key) is None or key == country
    return True


def _country(text: str) -> str | None:
    from streams.geography import country_code

    return country_code(text)


def _utc(moment_s: int) -> str:
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
