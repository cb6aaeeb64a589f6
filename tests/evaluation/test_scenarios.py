"""The runner of scenarios: what is expected is checked, what differs is said, what can't be read is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns
from streams.evaluation.scenarios import ScenarioError, Verdict, World, chosen, judge, read_file, read_folder
from topics import MEASUREMENTS, REPORTS, Measurement, Report, decode

HEAD = {
    "scenario": "chad-night",
    "group": "made up",
    "words": "All of Chad is dark for six hours, and one group says so.",
}
SERIES: dict[str, Any] = {
    "country": "TD",
    "from": "2023-03-01",
    "until": "2023-03-12",
    "signals": ["ping-slash24"],
    "cuts": [{"from": "2023-03-10T06:00", "lasts": "6h"}],
}
REPORT: dict[str, Any] = {
    "by": "organisation: Group of N'Djamena",
    "country": "Chad",
    "start": "2023-03-10",
    "scope": "national",
    "extent": "full",
    "known": "2023-03-10T14:00",
}
BASE: list[dict[str, Any]] = [HEAD, {"series": SERIES}, {"report": REPORT, "part": "claim"}]

#: A variant of the claim, from a second group.
SECOND = {"report": REPORT | {"by": "organisation: Other group"}, "part": "second"}


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    def make(*expected: dict[str, Any], base: list[dict[str, Any]] = BASE) -> World:
        [found] = read_file(write(tmp_path / "world.jsonl", *base, *expected))
        return found

    return make


@pytest.fixture
def verdict(world: Callable[..., World]) -> Callable[..., Verdict]:
    return lambda *expected, **more: judge(world(*expected, **more))


MET: list[dict[str, Any]] = [
    {"expect": "shutdowns", "count": 1},
    {"expect": "shutdowns", "of": {"country": "TD", "place": "CHAD", "kind": "country"}},
    {"expect": "shutdowns", "of": {"at": "2023-03-10T07:00+01:00"}, "level": ["corroborated", "measured"]},
    {"expect": "shutdowns", "of": {"at": "2023-03-10T12:00"}, "count": 0},
    {"expect": "shutdowns", "from": "2023-03-10T06:00", "until": "2023-03-10T12:00", "within": "10m"},
    {"expect": "shutdowns", "lasts": ["350m", "370m"], "incidents": 1, "sources": 1, "support": [0.5, 1.5]},
    {"expect": "shutdowns", "signals": {"only": ["ping-slash24"]}, "acknowledged": False, "status": "closed"},
    {"expect": "shutdowns", "reasons": {"has": ["claim-agrees"], "not": ["nobody-claims"]}},
    {"expect": "shutdowns", "words": {"all": ["Chad"], "any": ["dropped", "fell"], "none": ["nobody has claimed"]}},
    {"expect": "shutdowns", "evidence": {"has": ["outage", "claim", "ioda"]}, "protests": 0},
    {"expect": "shutdowns", "probability": [0.3, None], "features": {"one_of": ["support", "base"]}},
    {"expect": "shutdowns", "as_of": "2023-03-09", "count": 0},
    {"expect": "compare", "without": ["claim"], "probability": "higher", "by": 0.1, "factor": 2},
    {"expect": "compare", "without": ["claim"], "shutdowns": "same", "sources": "higher"},
    {"expect": "life", "of": {"country": "TD"}, "ids": [1, 3], "opened": [1, None], "retracted": 0},
    {"expect": "together", "of": [{"country": "TD"}, {"at": "2023-03-10T07:00"}]},
    {"expect": "candidates", "count": 0},
]

UNMET: list[tuple[dict[str, Any], str]] = [
    ({"expect": "shutdowns", "count": 2}, "shutdowns (all): 1, not 2"),
    ({"expect": "shutdowns", "count": [2, None]}, "1, not at least 2"),
    ({"expect": "shutdowns", "count": [None, 0]}, "1, not at most 0"),
    ({"expect": "shutdowns", "of": {"country": "SD"}}, "shutdowns (SD): 0"),
    ({"expect": "shutdowns", "of": {"place": "Khartoum"}}, "shutdowns (Khartoum): 0"),
    ({"expect": "shutdowns", "of": {"level": "reported", "kind": "region"}}, "shutdowns (reported region): 0"),
    ({"expect": "shutdowns", "level": "contradicted"}, "level is corroborated, not contradicted"),
    (
        {"expect": "shutdowns", "measurement": ["normal", "missing"]},
        "measurement is dropped, not normal or missing",
    ),
    ({"expect": "shutdowns", "probability": [None, 0.01]}, "not at most 0.01"),
    ({"expect": "shutdowns", "from": "2023-03-10T07:00"}, "begins 2023-03-10T06:00, not 2023-03-10T07:00"),
    ({"expect": "shutdowns", "until": "2023-03-10T14:00"}, "ends 2023-03-10T12:00, not 2023-03-10T14:00"),
    ({"expect": "shutdowns", "until": None}, "ends 2023-03-10T12:00, not open"),
    ({"expect": "shutdowns", "lasts": ["7h", None]}, "lasts 6.0 h, not at least 7.0 h"),
    ({"expect": "shutdowns", "false_alarms": [1000, None]}, "false alarms a year are"),
    ({"expect": "shutdowns", "acknowledged": True}, "it is not acknowledged"),
    ({"expect": "shutdowns", "campaign": True}, "it is not part of a campaign"),
    ({"expect": "shutdowns", "common_drop": True}, "it is not part of a common drop"),
    ({"expect": "shutdowns", "incidents": 2}, "incidents (all): 1, not 2"),
    ({"expect": "shutdowns", "campaigns": 1}, "campaigns (all): 0, not 1"),
    ({"expect": "shutdowns", "signals": {"has": ["gtr"]}}, "signals: lack gtr"),
    ({"expect": "shutdowns", "signals": {"not": ["ping-slash24"]}}, "signals: have ping-slash24"),
    ({"expect": "shutdowns", "signals": {"only": ["gtr"]}}, "signals: are ping-slash24, not gtr"),
    ({"expect": "shutdowns", "explanations": {"one_of": ["power", "cable"]}}, "explanations: have none of power"),
    ({"expect": "shutdowns", "reasons": {"has": ["all-normal"]}}, "reasons: lack all-normal"),
    ({"expect": "shutdowns", "words": {"all": ["whale"]}}, "words lack 'whale'"),
    ({"expect": "shutdowns", "words": {"any": ["whale", "shark"]}}, "words have none of whale, shark"),
    ({"expect": "shutdowns", "words": {"none": ["CHAD"]}}, "words say 'CHAD'"),
    ({"expect": "compare", "without": ["claim"], "probability": "not higher"}, "it must be not higher"),
    ({"expect": "compare", "without": ["claim"], "probability": "same"}, "it must be same"),
    ({"expect": "compare", "without": ["claim"], "sources": "lower"}, "sources is 1, and 0 in the other world"),
    ({"expect": "compare", "without": ["claim"], "support": "higher", "by": 9}, "it must be higher"),
    ({"expect": "compare", "of": {"country": "SD"}, "without": ["claim"], "support": "same"}, "no shutdown of SD"),
    ({"expect": "life", "ids": 0}, "ids given out"),
    ({"expect": "life", "of": {"country": "SD"}}, "no shutdown of SD was ever given out"),
    ({"expect": "life", "retracted": 4}, "steps 'retracted': 0, not 4"),
    ({"expect": "life", "words": {"any": ["whale"]}}, "words have none of whale"),
    ({"expect": "together", "of": [{"country": "TD"}, {"country": "SD"}]}, "no shutdown of SD"),
    ({"expect": "together", "of": [{"country": "TD"}], "by": "campaign"}, "share no campaign"),
    ({"expect": "apart", "of": [{"country": "TD"}, {"level": "corroborated"}]}, "share one incident"),
    ({"expect": "candidates", "condition": "time"}, "candidates (all, time): 0"),
    ({"expect": "rejected"}, "refused records: 0, not 1"),
]


@pytest.mark.parametrize("expected", MET, ids=str)
def test_what_is_met_passes(verdict: Callable[..., Verdict], expected: dict[str, Any]) -> None:
    assert [failure.fault for failure in verdict(expected).failures] == []


@pytest.mark.parametrize(("expected", "fault"), UNMET, ids=str)
def test_what_is_not_met_fails(verdict: Callable[..., Verdict], expected: dict[str, Any], fault: str) -> None:
    found = verdict(expected | {"note": "why it matters"})
    assert not found.passed
    assert any(fault in failure.fault for failure in found.failures), found.failures
    assert {(failure.line, failure.note) for failure in found.failures} == {(4, "why it matters")}


def test_each_expectation_is_checked(verdict: Callable[..., Verdict]) -> None:
    found = verdict({"expect": "shutdowns", "count": 7}, MET[0], {"expect": "shutdowns", "level": "measured"})
    assert [failure.line for failure in found.failures] == [4, 6]


def test_a_variant_takes_part_only_where_it_is_added(verdict: Callable[..., Verdict]) -> None:
    base = [HEAD | {"variants": ["second"]}, *BASE[1:], SECOND]
    added = {"expect": "compare", "with": ["second"], "sources": "lower"}
    assert verdict({"expect": "shutdowns", "sources": 1}, added, base=base).passed
    assert not verdict({"expect": "shutdowns", "sources": 1}, base=[*BASE, SECOND]).passed


def test_refused_records_fail_a_world_that_does_not_expect_them(verdict: Callable[..., Verdict]) -> None:
    nowhere = {"report": REPORT | {"country": "Atlantis"}}
    [failure] = verdict(MET[0], base=[*BASE, nowhere]).failures
    assert "1 records were refused: reports, unknown-place" in failure.fault
    assert verdict(
        {"expect": "rejected", "reason": "unknown-place", "topic": "reports"}, base=[*BASE, nowhere]
    ).passed
    assert not verdict({"expect": "rejected", "reason": "oversized"}, base=[*BASE, nowhere]).passed


def test_a_world_comes_out_the_same_again(world: Callable[..., World]) -> None:
    first, second = world(*MET), world(*MET)
    assert first.records == second.records
    assert judge(first).shutdowns == judge(second).shutdowns


def frames(found: World) -> list[Measurement]:
    return [decode(MEASUREMENTS, one.value) for one in found.records if one.topic == "measurements"]


def values(found: World, signal: int = 0) -> list[float | None]:
    return [value for frame in frames(found) for value in frame.values[signal]]


def series(**changed: Any) -> list[dict[str, Any]]:
    return [HEAD, {"series": SERIES | changed}]


def test_series_have_level_noise_and_cuts(world: Callable[..., World]) -> None:
    found = world(MET[0], base=series(level=500, noise=0.02))
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
    found = world(MET[0], base=series(signals=["bgp", "gtr"], step="1h", noise=0, level=100, cuts=[cut]))
    day = frames(found)[9]
    assert [hour for hour, value in enumerate(day.values[0]) if value == 50.0] == [2, 6, 10]
    assert set(day.values[1]) == {100.0}
    assert day.series[1].lineage == "google"


def test_the_deepest_of_two_cuts_counts(world: Callable[..., World]) -> None:
    cuts = [
        {"from": "2023-03-10", "lasts": "1d", "to": 0.5},
        {"from": "2023-03-10T12:00", "lasts": "1d", "to": 0.2},
    ]
    found = world(MET[0], base=series(step="12h", noise=0, level=100, cuts=cuts))
    assert values(found)[18:22] == [50.0, 20.0, 20.0, 100.0]


def test_missing_stretches_are_null(world: Callable[..., World]) -> None:
    gap = {"from": "2023-03-10T06:00", "until": "2023-03-10T12:00", "signals": ["bgp"]}
    found = world(MET[0], base=series(signals=["bgp", "gtr"], step="6h", missing=[gap]))
    assert [value is None for value in frames(found)[9].values[0]] == [False, True, False, False]
    assert None not in frames(found)[9].values[1]


def test_rhythm_makes_nights_lower(world: Callable[..., World]) -> None:
    found = world(MET[0], base=series(rhythm=0.4, utc_offset=3600, noise=0, level=100, cuts=[], step="1h"))
    day = frames(found)[0].values[0]
    assert day[3] == min(value or 0 for value in day) == 60.0
    assert day[15] == max(value or 0 for value in day) == 100.0


def test_frames_arrive_when_they_end(world: Callable[..., World]) -> None:
    found = world(MET[0], base=series(frame="6h", late="2h"))
    first = found.records[0]
    assert first.arrives_s == frames(found)[0].until_s + 7200
    [known] = {one.arrives_s for one in world(MET[0], base=series(known="2023-05-01")).records}
    assert known == 1_682_899_200


def test_networks_and_regions_are_entities(world: Callable[..., World]) -> None:
    network = frames(world(MET[0], base=series(network="AS327802 Millicom")))[0].series[0].entity
    assert (network.type, network.code, network.name) == ("asn", "327802", "Millicom")
    region = frames(world(MET[0], base=series(region="Kanem", code="77")))[0].series[0].entity
    assert (region.type, region.code, region.name) == ("region", "77", "Kanem")


def test_reports_repeat_by_number_and_time(world: Callable[..., World]) -> None:
    line = {
        "report": {"by": "individual", "country": "TD", "start": "2023-03-10T23:50", "text": "number {n}"},
        "repeat": {"times": 3, "every": "10m"},
    }
    found = [decode(REPORTS, one.value) for one in world(MET[0], base=[HEAD, line]).records]
    assert all(isinstance(one, Report) for one in found)
    assert [one.start for one in found] == ["2023-03-10T23:50", "2023-03-11T00:00", "2023-03-11T00:10"]
    assert [one.text for one in found] == ["number 1", "number 2", "number 3"]
    assert len({one.reporter.digest for one in found}) == len({one.id for one in found}) == 3
    same = line | {"report": line["report"] | {"person": "one"}}  # type: ignore[operator]
    people = [decode(REPORTS, one.value) for one in world(MET[0], base=[HEAD, same]).records]
    assert {one.reporter.digest for one in people} == {"one"}


def test_shipped_scenarios_are_included_without_some_records(world: Callable[..., World]) -> None:
    name = "kazakhstan-2021-02-28"
    whole = world(MET[0], base=[HEAD, {"include": {"name": name}}])
    left = world(MET[0], base=[HEAD, {"include": {"name": name, "without": [f"{name}/form"]}}])
    assert len(whole.records) - len(left.records) == 6


DAMAGED: list[tuple[list[dict[str, Any] | str], str]] = [
    (["{"], ":1: this line is no JSON"),
    (["[1]"], ":1: a line must be a JSON object"),
    ([BASE[1]], ":1: scenario: the first line must be a head"),
    ([HEAD | {"words": ""}, MET[0]], ":1: words: "),
    ([HEAD | {"scenario": "Not A Name"}, MET[0]], ":1: scenario: "),
    ([HEAD], ":1: chad-night expects nothing"),
    ([HEAD | {"variants": ["x"]}, *BASE[1:], MET[0]], ":1: variants: no record has the part 'x'"),
    ([HEAD, {"series": SERIES | {"cutz": []}}, MET[0]], ":2: series: Object contains unknown field `cutz`"),
    ([HEAD, {"series": SERIES | {"country": "Chad"}}, MET[0]], ":2: series.country: "),
    ([HEAD, {"series": SERIES | {"from": "1 March"}}, MET[0]], ":2: series.from: '1 March' is no moment"),
    ([HEAD, {"series": SERIES | {"from": "1890-01-01"}}, MET[0]], ":2: series.from: '1890-01-01' is outside"),
    ([HEAD, {"series": SERIES | {"from": 1_677_628_800}}, MET[0]], ":2: series.from: "),
    ([HEAD, {"series": SERIES | {"step": "10 minutes"}}, MET[0]], ":2: series.step: '10 minutes' is no length"),
    ([HEAD, {"series": SERIES | {"step": "0s"}}, MET[0]], ":2: series.frame: "),
    ([HEAD, {"series": SERIES | {"until": "2023-02-01"}}, MET[0]], ":2: series.until: it must be later"),
    ([HEAD, {"series": SERIES | {"step": "1s"}}, MET[0]], ":2: series.until: more than 150,000 values"),
    ([HEAD, {"series": SERIES | {"region": "a", "network": "AS1"}}, MET[0]], ":2: series.network: give"),
    ([HEAD, {"series": SERIES | {"network": "Millicom"}}, MET[0]], ":2: series.network: "),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-13-01"}]}}, MET[0]], ":2: series.cuts[0].from: "),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-03-09"}]}}, MET[0]], ":2: series.cuts: a cut has either"),
    ([HEAD, {"series": SERIES | {"cuts": [{"from": "2023-03-09", "lasts": "1h", "times": 2}]}}, MET[0]], "`every`"),
    ([HEAD, {"series": SERIES, "report": REPORT}, MET[0]], ":2: a line brings one of"),
    ([HEAD, {"part": "x"}, MET[0]], ":2: a line brings one of"),
    ([HEAD, {"series": SERIES, "repeat": {"times": 2}}, MET[0]], ":2: `repeat` is for reports and news"),
    ([HEAD, {"topic": "shutdowns", "value": {}}, MET[0]], ":2: topic: 'shutdowns' is no input"),
    ([HEAD, {"topic": "reports"}, MET[0]], ":2: `topic` and `value` go together"),
    ([HEAD, {"include": {"name": "nothing"}}, MET[0]], ":2: include.name: no scenario 'nothing'"),
    ([HEAD, {"evidence": {"schema": "whim/1"}}, MET[0]], ":2: evidence.schema: there are "),
    ([HEAD, {"evidence": {"schema": "cause/1", "country": "??"}}, MET[0]], ":2: evidence.country: "),
    (
        [HEAD, {"evidence": {"schema": "cause/1", "country": "TD", "place": "Erewhon"}}, MET[0]],
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
    ([*BASE, MET[0], *BASE, MET[0]], ":5: scenario: 'chad-night' is there already"),
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


def test_worlds_are_chosen_by_name_group_and_file(tmp_path: Path) -> None:
    other = HEAD | {"scenario": "niger-day", "group": "others"}
    worlds = read_file(write(tmp_path / "two.jsonl", *BASE, MET[0], "", other, *BASE[1:], MET[0]))
    assert [len(world.expected) for world in worlds] == [1, 1]
    for pattern, names in (
        (None, ["chad-night", "niger-day"]),
        ("niger", ["niger-day"]),
        ("*-night", ["chad-night"]),
        ("others", ["niger-day"]),
        ("two.jsonl", ["chad-night", "niger-day"]),
        ("*nothing", []),
    ):
        assert [world.name for world in chosen(worlds, pattern)] == names


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(shutdowns, ["evaluate", *args])
    return done.exit_code, done.output


def test_the_command_says_what_passes_and_what_fails(tmp_path: Path) -> None:
    other = HEAD | {"scenario": "niger-day", "group": "others"}
    write(tmp_path / "two.jsonl", *BASE, MET[0], other, *BASE[1:], {"expect": "shutdowns", "level": "measured"})
    code, words = run("--scenarios", str(tmp_path))
    assert code == 1
    assert "1 of 2 scenarios come out right" in words
    assert words.index("chad-night") < words.index("pass") < words.index("niger-day") < words.index("FAIL")
    code, words = run("--scenarios", str(tmp_path), "--only", "chad")
    assert code == 0
    assert "niger" not in words
    code, words = run("--scenarios", str(tmp_path), "--json")
    assert code == 1
    document = json.loads(words)
    assert (document["scenarios"], document["passed"]) == (2, 1)
    failed = document["results"][1]
    assert (failed["scenario"], failed["passed"], failed["failures"][0]["line"]) == ("niger-day", False, 8)
    assert failed["came_out"][0].startswith("corroborated TD Chad 2023-03-10T06:00 to 2023-03-10T12:00")


def test_the_command_shows_one_with_its_reasons(tmp_path: Path) -> None:
    write(tmp_path / "one.jsonl", *BASE, {"expect": "shutdowns", "level": "measured", "note": "as a test"})
    code, words = run("--scenarios", str(tmp_path), "--show", "chad-night")
    assert code == 1
    assert HEAD["words"][:40] in words
    for part in ("CORROBORATED", "why", "happened", "level is corroborated, not measured (as a test)"):
        assert part in words


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--scenarios", "{folder}", "--show", "nobody"), 1, "no scenario is called 'nobody'"),
        (("--scenarios", "{folder}", "--only", "nothing"), 1, "no scenario matches 'nothing'"),
        (("--only", "chad"), 2, "give --scenarios DIR too"),
        ((), 2, "give lists by --reports and --outages, or worlds by --scenarios DIR"),
    ],
)
def test_command_lines_that_make_no_sense(tmp_path: Path, args: tuple[str, ...], code: int, words: str) -> None:
    write(tmp_path / "one.jsonl", *BASE, MET[0])
    found = run(*(arg.format(folder=tmp_path) for arg in args))
    assert found[0] == code
    assert words in found[1]
