"""The runner of scenarios: what is expected is checked, what differs is said, what can't be read is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns
from streams.correlation import CountryState, default_rules
from streams.evaluation.scenarios import Verdict, World, chosen, judge, read_file
from streams.evaluation.scenarios.expectations import Shutdowns
from streams.evaluation.scenarios.fields import conditions
from tests.correlation.evidence import outage
from tests.evaluation.worlds import BASE, HEAD, REPORT, SECOND, write


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


@pytest.mark.parametrize(
    ("alarms", "bounds", "met"),
    [
        (0.5, (0.5, 2.0), True),
        (2.0, (0.5, 2.0), True),
        (0.49, (0.5, 2.0), False),
        (2.01, (0.5, 2.0), False),
        (0.5, (1_000, None), False),
        (None, (1_000, None), True),
    ],
)
def test_bounds_of_false_alarms(
    verdict: Callable[..., Verdict], alarms: float | None, bounds: tuple[float, float | None], met: bool
) -> None:
    """Weeks of a made-up world give no rate, and null is within any bounds: so a shutdown is given one."""
    assert verdict({"expect": "shutdowns", "false_alarms": list(bounds)}).passed
    state = CountryState(default_rules())
    state.apply(outage("o"))
    [one] = state.standing()
    one = msgspec.structs.replace(one, false_alarms_a_year=alarms)
    expected = msgspec.convert({"false_alarms": list(bounds)}, Shutdowns)
    faults = [fault for fault in conditions(expected, one) if "false alarms" in fault]
    assert (faults == []) is met


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
        ((), 2, "give lists (--reports and --outages), worlds (--scenarios DIR)"),
    ],
)
def test_command_lines_that_make_no_sense(tmp_path: Path, args: tuple[str, ...], code: int, words: str) -> None:
    write(tmp_path / "one.jsonl", *BASE, MET[0])
    found = run(*(arg.format(folder=tmp_path) for arg in args))
    assert found[0] == code
    assert words in found[1]


@pytest.mark.parametrize(("rate", "told"), [(3.0, True), (4.0, False), (None, False)])
def test_a_rate_of_false_alarms_out_of_bounds_is_told(
    world: Callable[..., World], rate: float | None, told: bool
) -> None:
    [(_, expected)] = world({"expect": "shutdowns", "false_alarms": [4, None]}).expected
    assert isinstance(expected, Shutdowns)
    [shutdown] = judge(world({"expect": "shutdowns", "count": 1})).shutdowns
    given = msgspec.structs.replace(shutdown, false_alarms_a_year=rate)
    assert any("false alarms a year" in words for words in conditions(expected, given)) is told
