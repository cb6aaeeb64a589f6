"""The yearly report: its counts, its honesty, and that it stands alone."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from streams import geography
from streams.cli.main import shutdowns as command
from streams.plots.report import page
from streams.plots.report.counting import NO_END, count, duration_of, in_year, trigger_of
from streams.replay.runs import Run
from topics import Claim, Explanation, Shutdown

YEAR_S = 1_609_459_200  # 2021-01-01T00:00Z


class Page(HTMLParser):
    """What a page holds: texts, the addresses that it would load, its links and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.loads += [found[name] or "" for name in ("src", "srcset", "data", "poster") if name in found]
        if tag in ("link", "use", "image"):
            self.loads.append(found.get("href") or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag == "tr" and "id" in found:
            self.ids.append(found["id"] or "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_it_tells_of_all_and_loads_nothing(seed_run: Run) -> None:
    evidence = {piece.id: piece for piece in seed_run.evidence}
    found = Page(page(seed_run.shutdowns, None, 2021, evidence, seed_run.head))
    assert set(found.ids) == {one.id for one in seed_run.shutdowns}
    assert found.loads == []
    assert "script" not in found.tags
    told = " ".join(found.texts)
    assert "2 corroborated by measurements" in told
    assert "1 outage was measured that nobody has claimed" in told
    assert "Protests" in told
    assert seed_run.head is not None
    assert seed_run.head.code in told
    assert "https://www.accessnow.org/internet-shutdowns-kazakhstan-feb-28-protests/" in found.links


def test_each_row_tells_both_probabilities_and_who_says_what_else(seed_run: Run) -> None:
    power = Explanation(
        kind="power", words="a line failed", source="KEGOC", lineage="k", id="c", reference="https://example.org/k"
    )
    evil = msgspec.structs.replace(power, id="d", words="<b>", reference="javascript:alert(1)")
    one = msgspec.structs.replace(
        seed_run.shutdowns[0], happened=0.97, on_purpose=0.31, explanations=(power, evil), campaign="campaign-1",
        common_drops=("drop-1",), evidence=(),
    )  # fmt: skip
    found = Page(page([one], None, 2021))
    told = " ".join(found.texts)
    for words in (
        "0.97",
        "0.31",
        "power cut: a line failed (KEGOC)",
        "campaign-1",
        "drop-1",
        "power cut: <b> (KEGOC)",
    ):
        assert words in told
    assert set(found.links) == {"https://example.org/k"}


def test_one_country(seed_run: Run) -> None:
    found = Page(page(seed_run.shutdowns, "KZ", 2021))
    assert set(found.ids) == {one.id for one in seed_run.shutdowns if one.country == "KZ"}
    assert Page(page(seed_run.shutdowns, "KZ", 2020)).ids == []


def test_what_sources_write_is_text_and_no_markup(seed_run: Run) -> None:
    first = seed_run.shutdowns[0]
    name = '<script>alert(1)</script>"'
    evil = msgspec.structs.replace(
        first, flags=(name,), place=msgspec.structs.replace(first.place, name=name),
        evidence=(msgspec.structs.replace(first.evidence[0], reference="javascript:alert(1)"),),
    )  # fmt: skip
    found = Page(page([evil], None, 2021))
    assert "script" not in found.tags
    assert found.links == []
    assert any(name in text for text in found.texts)


@pytest.mark.parametrize(("country", "begin_s", "year"), [("KZ", YEAR_S - 3600, 2021), ("US", YEAR_S + 3600, 2020)])
def test_years_are_local(seed_run: Run, country: str, begin_s: int, year: int) -> None:
    one = msgspec.structs.replace(
        seed_run.shutdowns[0], country=country, place=geography.country_place(country), from_s=begin_s
    )
    assert in_year([one], None, year) == [one]
    assert in_year([one], None, 4041 - year) == []


@pytest.mark.parametrize(
    ("length_s", "words"),
    [
        (1, "up to 6 hours"),
        (6 * 3600, "up to 6 hours"),
        (6 * 3600 + 1, "up to a day"),
        (86_400, "up to a day"),
        (3 * 86_400, "1 to 3 days"),
        (7 * 86_400, "3 to 7 days"),
        (30 * 86_400 + 1, "longer"),
        (None, NO_END),
    ],
)
def test_durations(seed_run: Run, length_s: int | None, words: str) -> None:
    one = seed_run.shutdowns[0]
    until_s = None if length_s is None else one.from_s + length_s
    assert duration_of(msgspec.structs.replace(one, until_s=until_s)) == words


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("Protests", "Protests"),
        ("Exam cheating", "Exams"),
        ("Religious Holiday/ Annversary", "Holidays and anniversaries"),
        ("Military Operation", "Conflict"),
        ("a mayor's whim", "Other"),
        (None, "Not said"),
    ],
)
def test_triggers_are_what_claims_say(seed_run: Run, cause: str | None, words: str) -> None:
    shutdown = next(one for one in seed_run.shutdowns if one.place.name == "Atyrau")
    evidence = {
        piece.id: msgspec.structs.replace(piece, cause=cause)
        for piece in seed_run.evidence
        if isinstance(piece, Claim)
    }
    assert trigger_of(shutdown, evidence) == words


def test_counts_add_up_and_claims_come_first(seed_run: Run) -> None:
    kazakh, chad = seed_run.shutdowns[0], next(one for one in seed_run.shutdowns if one.country == "TD")
    many = [msgspec.structs.replace(chad, id=f"TD-{number}") for number in range(9)]
    counts = count([*many, kazakh], None, {})
    assert list(counts.places) == ["Kazakhstan", "Chad"], "what nobody claims does not lead"
    for groups in (counts.places, counts.months, counts.durations, counts.triggers, counts.scopes):
        assert sum(sum(levels.values()) for levels in groups.values()) == 10
    assert counts.levels == {"corroborated": 0, "measured": 9, "reported": 1, "contradicted": 0}


def test_those_that_stand_no_longer_are_not_counted(seed_run: Run) -> None:
    gone: list[Shutdown] = [msgspec.structs.replace(one, status="retracted") for one in seed_run.shutdowns]
    assert in_year(gone, None, 2021) == []


def test_the_command(seed_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "year.html"
    done = CliRunner().invoke(
        command, ["report", "Kazakhstan", "2021", "--from", str(seed_file), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "Internet shutdowns in Kazakhstan, 2021" in out.read_text()
    assert CliRunner().invoke(command, ["report", "Atlantis", "2021", "--from", str(seed_file)]).exit_code == 2
