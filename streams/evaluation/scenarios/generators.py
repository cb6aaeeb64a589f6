"""Compact lines of a scenario become records of the contract. The same line gives the same bytes every time."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from streams import geography
from streams.evaluation.scenarios.form import MOST_VALUES, BySignal, Cut, RecordLine, SeriesSpec
from streams.evaluation.scenarios.times import Length, Moment, read_moment
from streams.scenarios import scenario_named
from streams.scenarios.frames import quietness
from topics import Evidence, Measurement, NewsItem, Report, encode, signal_facts

#: Level and noise of a series that gives none, by how its signal measures.
USUAL: dict[str, tuple[float, float]] = {
    "routing": (1_200, 0.002),
    "probing": (800, 0.02),
    "telescope": (900, 0.08),
    "traffic": (5_000, 0.04),
    "volunteers": (400, 0.05),
}
USUAL_OTHER = (1_000, 0.03)


@dataclass(frozen=True, slots=True)
class Given:
    """A record of a scenario: its topic and bytes, when it arrives (Unix seconds, None: not said), its part."""

    topic: str
    value: bytes
    arrives_s: int | None
    part: str | None


def records_of(line: RecordLine, name: str) -> Iterator[Given]:
    """Return the records that a line brings. `name` is unique to the line and begins their ids.

    Raises:
        ValueError: the line asks for what can't be made; the message begins with the field.
    """
    if line.series is not None:
        made: Iterator[tuple[str, dict[str, Any] | bytes, int | None]] = _frames(line.series, name)
    elif line.include is not None:
        made = _included(line.include.name, line.include.without)
    elif line.topic is not None:
        made = iter([(line.topic, line.value or {}, None)])
    elif line.evidence is not None:
        made = iter([("evidence", _evidence(dict(line.evidence), name), None)])
    else:
        made = _told(line, name)
    for topic, value, known_s in made:
        record = value if isinstance(value, bytes) else orjson.dumps(value)
        known = value.get("known_s") if isinstance(value, dict) else None
        arrives = line.arrives if line.arrives is not None else known_s if known_s is not None else known
        yield Given(topic, record, arrives if isinstance(arrives, int) else None, line.part)


def _of_signal(given: BySignal, signal: str, otherwise: float) -> float:
    return given.get(signal, otherwise) if isinstance(given, dict) else given


def _spans(cut: Cut) -> Iterator[tuple[int, int]]:
    if (cut.until is None) == (cut.lasts is None):
        raise ValueError("series.cuts: a cut has either `until` or `lasts`")
    if cut.times > 1 and cut.every is None:
        raise ValueError("series.cuts: `times` needs `every`")
    length = int(cut.until) - cut.start if cut.until is not None else int(cut.lasts or 0)
    if length <= 0:
        raise ValueError("series.cuts: `until` must be later than `from`")
    for number in range(cut.times):
        start = cut.start + number * (cut.every or 0)
        yield start, start + length


def _row(spec: SeriesSpec, signal: str) -> list[float | None]:
    """The values of one signal, whole numbers. Where cuts overlap, the deepest counts."""
    usual_level, usual_noise = USUAL.get(signal_facts(signal).kind, USUAL_OTHER)
    level = _of_signal(spec.level, signal, usual_level)
    noise = _of_signal(spec.noise, signal, usual_noise)
    cuts = [(*span, _of_signal(cut.to, signal, 1.0)) for cut in spec.cuts for span in _spans(cut)]
    gaps = [(gap.start, gap.until) for gap in spec.missing if not gap.signals or signal in gap.signals]
    chance = random.Random(f"{spec.seed}/{spec.country}/{spec.region}/{spec.network}/{signal}")  # noqa: S311
    row: list[float | None] = []
    for time in range(spec.start, spec.until, spec.step):
        value = level * (1 - spec.rhythm * quietness(time, spec.utc_offset)) * (1 + noise * chance.uniform(-1, 1))
        left = min((share for start, end, share in cuts if start <= time < end), default=1.0)
        missing = any(start <= time < end for start, end in gaps)
        row.append(None if missing else float(round(value * left)))
    return row


def _entity(spec: SeriesSpec) -> dict[str, str]:
    if spec.network is not None:
        number, _, words = spec.network.removeprefix("AS").partition(" ")
        return {"type": "asn", "code": spec.code or number, "name": words}
    if spec.region is not None:
        return {"type": "region", "code": spec.code or spec.region, "name": spec.region}
    return {"type": "country", "code": spec.country, "name": ""}


def _frames(spec: SeriesSpec, name: str) -> Iterator[tuple[str, dict[str, Any], int]]:
    if spec.region is not None and spec.network is not None:
        raise ValueError("series.network: give `region` or `network`, not both")
    if not spec.start < spec.until:
        raise ValueError("series.until: it must be later than `from`")
    if spec.step == 0 or spec.frame % spec.step:
        raise ValueError("series.frame: it must be a multiple of `step`")
    if (spec.until - spec.start) // spec.step > MOST_VALUES:
        raise ValueError(f"series.until: more than {MOST_VALUES:,} values; take a longer `step`")
    entity, rows = _entity(spec), [_row(spec, signal) for signal in spec.signals]
    series = []
    for signal in spec.signals:
        lineage = signal_facts(signal).lineage
        series.append({"entity": entity, "signal": signal} | ({"lineage": lineage} if lineage else {}))
    per_frame = spec.frame // spec.step
    for first in range(0, len(rows[0]), per_frame):
        values = [row[first : first + per_frame] for row in rows]
        from_s = spec.start + first * spec.step
        value: dict[str, Any] = {
            "schema": Measurement.__struct_config__.tag,
            "id": f"{name}/{from_s}",
            "origin": {"source": spec.source, "reference": "constructed"},
            "country": spec.country,
            "from_s": from_s,
            "step_s": spec.step,
            "series": series,
            "values": values,
        }
        end_s = from_s + spec.step * len(values[0]) + spec.late
        if spec.known is not None:
            value["known_s"] = int(spec.known)
        yield "measurements", value, int(spec.known) if spec.known is not None else end_s


def _included(name: str, without: tuple[str, ...]) -> Iterator[tuple[str, bytes, int | None]]:
    for topic, record in scenario_named(name).records():
        if not str(getattr(record, "id", "")).startswith(without or ("\0",)):
            until_s = record.until_s if isinstance(record, Measurement) else None
            yield topic.name, encode(record), until_s


def _told(line: RecordLine, name: str) -> Iterator[tuple[str, dict[str, Any], None]]:
    """Reports and news, each as often as `repeat` says; `{n}` in a text is the number, from 1."""
    topic, given = ("reports", line.report) if line.report is not None else ("news", line.news or {})
    times = line.repeat.times if line.repeat else 1
    every = line.repeat.every if line.repeat else Length(0)
    for number in range(times):
        value = {key: _numbered(one, number + 1) for key, one in (given or {}).items()}
        value.setdefault("id", name if times == 1 else f"{name}/{number + 1}")
        source = value.pop("source", "gdelt" if topic == "news" else "constructed")
        value.setdefault("origin", {"source": source, "reference": "constructed"})
        if topic == "reports":
            value = {"schema": Report.__struct_config__.tag, **_reporter(value, f"{name}/{number + 1}")}
        else:
            value = {"schema": NewsItem.__struct_config__.tag, **value}
        for field in ("start", "end"):
            if isinstance(value.get(field), str):
                value[field] = _later(value[field], number * every)
        _known(value)
        yield topic, value, None


def _numbered(value: Any, number: int) -> Any:
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _reporter(value: dict[str, Any], digest: str) -> dict[str, Any]:
    """`by`: the kind of reporter, and behind a colon its name. Individuals are one person each."""
    by = value.pop("by", None)
    if by is None:
        return value
    kind, _, who = str(by).partition(":")
    person = value.pop("person", digest)
    value["reporter"] = {"kind": kind} | ({"name": who.strip()} if who else {"digest": person})
    return value


def _known(value: dict[str, Any]) -> None:
    if "known" in value:
        value["known_s"] = int(read_moment(str(value.pop("known"))))


def _later(moment: str, seconds: int) -> str:
    """A local day or clock time of a report, so many seconds later."""
    if not seconds:
        return moment
    try:
        found = dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=seconds)
    except ValueError:
        return moment
    words = found.isoformat(timespec="minutes")
    return words if "T" in moment else words[:10]


_PIECE_TIMES = {"from": "from_s", "until": "until_s", "known": "known_s"}


def _evidence(value: dict[str, Any], name: str) -> dict[str, Any]:
    """A piece of evidence whose place is a name, and whose times are written out."""
    known = {str(kind.__struct_config__.tag) for kind in Evidence.__args__}
    if value.get("schema") not in known:
        raise ValueError(f"evidence.schema: there are {', '.join(sorted(known))}")
    for written, field in _PIECE_TIMES.items():
        if written in value:
            moment: Moment | None = None if value[written] is None else read_moment(str(value[written]))
            del value[written]
            value[field] = None if moment is None else int(moment)
    source = value.pop("source", "constructed")
    value.setdefault("id", name)
    value.setdefault("origin", {"source": source, "reference": "constructed"})
    value.setdefault("lineage", source)
    value.setdefault("until_s", None)
    value.setdefault("known_s", value.get("from_s"))
    if not isinstance(value.get("place"), dict):
        value["place"] = _place(value.get("place"), str(value.get("country", "")))
    return value


def _place(words: Any, country: str) -> dict[str, Any]:
    code = geography.country_code(country)
    if code is None:
        raise ValueError(f"evidence.country: no country is called {country!r}")
    place = geography.country_place(code) if not words else geography.find_place(str(words), code)
    if place is None:
        raise ValueError(f"evidence.place: {words!r} is no place of {code} that the map knows for sure")
    found: dict[str, Any] = orjson.loads(encode(place))
    return found
