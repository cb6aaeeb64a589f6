"""Scenario files as they are read: generators give what they say, damaged lines are told, the document is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.evaluation.scenarios import ScenarioError, World, expectations, form, judge, read_file, read_folder
from tests.evaluation.worlds import BASE, HEAD, MET, REPORT, SERIES, write
from topics import MEASUREMENTS, REPORTS, Measurement, Report, decode

DOCUMENT = Path(__file__).parents[2] / "docs" / "SCENARIOS.md"


def frames(found: World) -> list[Measurement]:
    return [decode(MEASUREMENTS, one.value) for one in found.records if one.topic == "measurements"]


def values(found: World, signal: int = 0) -> list[float | None]:
    return [value for frame in frames(found) for value in frame.values[signal]]


def series(**changed: Any) -> list[dict[str, Any]]:
    return [HEAD, {"series": SERIES | changed}]


def test_series_have_level_noise_and_cuts(world: Callable[..., World]) -> None:
    found = world(MET, base=series(level=500, noise=0.02))
    assert len(frames(found)) == 11
    made = values(found)
    assert len(made) == 11 * 144
    cut = range(9 * 144 + 36, 9 * 144 + 72)
    outside = [value for index, value in enumerate(made) if index not in cut]
    assert all(value is not None and 490 <= value <= 510 for value in outside)
    assert all(24 <= (made[index] or 0) <= 26 for index in cut)
    assert len(set(outside)) > 10


def test_cuts_recur_and_differ_by_signal(world: Callable[..., World]) -> None:
    cut = {"from": "2023-03-10T02:00", "lasts": "1h", "to": {"bgp": 0.5}, "every": "4h", "times": 3}
    found = world(MET, base=series(signals=["bgp", "gtr"], step="1h", noise=0, level=100, cuts=[cut]))
    day = frames(found)[9]
    assert [hour for hour, value in enumerate(day.values[0]) if value == 50.0] == [2, 6, 10]
    assert set(day.values[1]) == {100.0}
    assert day.series[1].lineage == "google"


def test_the_deepest_of_two_cuts_counts(world: Callable[..., World]) -> None:
    cuts = [
        {"from": "2023-03-10", "lasts": "1d", "to": 0.5},
        {"from": "2023-03-10T12:00", "lasts": "1d", "to": 0.2},
    ]
    found = world(MET, base=series(step="12h", noise=0, level=100, cuts=cuts))
    assert values(found)[18:22] == [50.0, 20.0, 20.0, 100.0]


def test_missing_stretches_are_null(world: Callable[..., World]) -> None:
    gap = {"from": "2023-03-10T06:00", "until": "2023-03-10T12:00", "signals": ["bgp"]}
    found = world(MET, base=series(signals=["bgp", "gtr"], step="6h", missing=[gap]))
    assert [value is None for value in frames(found)[9].values[0]] == [False, True, False, False]
    assert None not in frames(found)[9].values[1]


def test_rhythm_makes_nights_lower(world: Callable[..., World]) -> None:
    found = world(MET, base=series(rhythm=0.4, utc_offset=3600, noise=0, level=100, cuts=[], step="1h"))
    day = frames(found)[0].values[0]
    assert day[3] == min(value or 0 for value in day) == 60.0
    assert day[15] == max(value or 0 for value in day) == 100.0


def test_frames_arrive_when_they_end(world: Callable[..., World]) -> None:
    found = world(MET, base=series(frame="6h", late="2h"))
    first = found.records[0]
    assert first.arrives_s == frames(found)[0].until_s + 7200
    [known] = {one.arrives_s for one in world(MET, base=series(known="2023-05-01")).records}
    assert known == 1_682_899_200


def test_networks_and_regions_are_entities(world: Callable[..., World]) -> None:
    network = frames(world(MET, base=series(network="AS327802 Millicom")))[0].series[0].entity
    assert (network.type, network.code, network.name) == ("asn", "327802", "Millicom")
    region = frames(world(MET, base=series(region="Kanem", code="77")))[0].series[0].entity
    assert (region.type, region.code, region.name) == ("region", "77", "Kanem")


def test_reports_repeat_by_number_and_time(world: Callable[..., World]) -> None:
    line = {
        "report": {"by": "individual", "country": "TD", "start": "2023-03-10T23:50", "text": "number {n}"},
        "repeat": {"times": 3, "every": "10m"},
    }
    found = [decode(REPORTS, one.value) for one in world(MET, base=[HEAD, line]).records]
    assert all(isinstance(one, Report) for one in found)
    assert [one.start for one in found] == ["2023-03-10T23:50", "2023-03-11T00:00", "2023-03-11T00:10"]
    assert [one.text for one in found] == ["number 1", "number 2", "number 3"]
    assert len({one.reporter.digest for one in found}) == len({one.id for one in found}) == 3
    same = line | {"report": line["report"] | {"person": "one"}}  # type: ignore[operator]
    people = [decode(REPORTS, one.value) for one in world(MET, base=[HEAD, same]).records]
    assert {one.reporter.digest for one in people} == {"one"}


def test_shipped_scenarios_are_included_without_some_records(world: Callable[..., World]) -> None:
    name = "kazakhstan-2021-02-28"
    whole = world(MET, base=[HEAD, {"include": {"name": name}}])
    left = world(MET, base=[HEAD, {"include": {"name": name, "without": [f"{name}/form"]}}])
    assert len(whole.records) - len(left.records) == 6


DAMAGED: list[tuple[list[dict[str, Any] | str], str]] = [
    (["{"], ":1: this line is no JSON"),
    (["[1]"], ":1: a line must be a JSON object"),
    ([BASE[1]], ":1: scenario: the first line must be a head"),
    ([HEAD | {"words": ""}, MET], ":1: words: "),
    ([HEAD | {"scenario": "Not A Name"}, MET], ":1: scenario: "),
    ([HEAD], ":1: chad-night expects nothing"),
    ([HEAD | {"variants": ["x"]}, *BASE[1:], MET], ":1: variants: no record has the part 'x'"),
    ([HEAD, {"series": SERIES | {"cutz": []}}, MET], ":2: series: Object contains unknown field `cutz`"),
    ([HEAD, {"series": SERIES | {"country": "Chad"}}, MET], ":2: series.country: "),
    ([HEAD, {"series": SERIES | {"from": "1 March"}}, MET], ":2: series.from: '1 March' is no moment"),
    ([HEAD, {"series": SERIES | {"from": "1890-01-01"}}, MET], ":2: series.from: '1890-01-01' is outside"),
    ([HEAD, {"series": SERIES | {"from": 1_677_628_800}}, MET], ":2: series.from: "),
    ([HEAD, {"series": SERIES | {"step": "10 minutes"}}, MET], ":2: series.step: '10 minutes' is no length"),
    ([HEAD, {"series": SERIES | {"step": "0s"}}, MET], ":2: series.frame: "),
    ([HEAD, {"series": SERIES | {"until": "2023-02-01"}}, MET], ":2: series.until: it must be later"),
    ([HEAD, {"series": SERIES | {"step": "1s"}}, MET], ":2: series.until: more than 150,000 values"),
    ([HEAD, {"series": SERIES | {"region": "a", "network": "AS1"}}, MET], ":2: series.network: give"),
    ([HEAD, {"series": SERIES | {"network": "Millicom"}}, MET], ":2: series.network: "),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-13-01"}]}}, MET], ":2: series.cuts[0].from: "),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-03-09"}]}}, MET], ":2: series.cuts: a cut has either"),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-03-09", "lasts": "1h", "times": 2}]}}, MET], "`every`"),
    ([HEAD, {"series": SERIES, "report": REPORT}, MET], ":2: a line brings one of"),
    ([HEAD, {"part": "x"}, MET], ":2: a line brings one of"),
    ([HEAD, {"series": SERIES, "repeat": {"times": 2}}, MET], ":2: `repeat` is for reports and news"),
    ([HEAD, {"topic": "shutdowns", "value": {}}, MET], ":2: topic: 'shutdowns' is no input"),
    ([HEAD, {"topic": "reports"}, MET], ":2: `topic` and `value` go together"),
    ([HEAD, {"include": {"name": "nothing"}}, MET], ":2: include.name: no scenario 'nothing'"),
    ([HEAD, {"evidence": {"schema": "whim/1"}}, MET], ":2: evidence.schema: there are "),
    ([HEAD, {"evidence": {"schema": "cause/1", "country": "??"}}, MET], ":2: evidence.country: "),
    (
        [HEAD, {"evidence": {"schema": "cause/1", "country": "TD", "place": "Erewhon"}}, MET],
        ":2: evidence.place: 'Erewhon' is no place of TD",
    ),
    ([*BASE, {"expect": "miracles"}], ":4: expect: "),
    ([*BASE, {"expect": "shutdowns", "level": "sure"}], ":4: level: "),
    ([*BASE, {"expect": "shutdowns", "of": {"region": "x"}}], ":4: of: Object contains unknown field `region`"),
    ([*BASE, {"expect": "compare", "without": ["x"]}], ":4: without, with: no record has the part 'x'"),
    ([*BASE, {"expect": "compare"}], ":4: without: say which parts"),
    (
        [HEAD, {"report": {"by": "media: A", "country": "TD", "start": "2023-03-10"}}, {"expect": "life"}],
        ":3: as_of, life: each record must say when it arrives",
    ),
    ([*BASE, MET, *BASE, MET], ":5: scenario: 'chad-night' is there already"),
]


@pytest.mark.parametrize(("lines", "words"), DAMAGED, ids=lambda value: value if isinstance(value, str) else "")
def test_damaged_files_are_told_with_line_and_field(
    tmp_path: Path, lines: list[dict[str, Any] | str], words: str
) -> None:
    path = write(tmp_path / "damaged.jsonl", *lines)
    with pytest.raises(ScenarioError) as raised:
        read_folder(tmp_path)
    assert str(raised.value).startswith(f"{path}:")
    assert words in str(raised.value)


def test_folders_without_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="has no file"):
        read_folder(tmp_path)
    with pytest.raises(ScenarioError, match="can't be read"):
        read_file(tmp_path / "absent.jsonl")


def test_the_document_s_example_comes_out_as_it_says(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    [example] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    [found] = read_file(write(tmp_path / "example.jsonl", example))
    assert judge(found).failures == []


@pytest.mark.parametrize("part", [*form.Part.__subclasses__(), *expectations.Expectation.__subclasses__()])
def test_the_document_names_every_field(part: type[msgspec.Struct]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    absent = [field.encode_name for field in msgspec.structs.fields(part) if f"`{field.encode_name}`" not in text]
    assert absent == []
