"""Pictures of shutdowns: what they show, of what, and the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from defusedxml import ElementTree
from PIL import Image

from streams import geography
from streams.cli.main import shutdowns as command
from streams.errors import StreamsError
from streams.plots.maps import land
from streams.plots.shutdown import draw_shutdown
from streams.plots.words import when
from streams.replay.inputs import FromMemory
from streams.replay.runs import Run
from streams.replay.series import series_around
from streams.scenarios import scenario_named
from topics import Cause, CommonDrop, Explanation, Origin, Shutdown

SEED = FromMemory(scenario_named("kazakhstan-2021-02-28").records())


def named(run: Run, place: str) -> Shutdown:
    return next(one for one in run.shutdowns if one.place.name == place)


def texts(path: Path) -> str:
    tree = ElementTree.parse(path)
    return "\n".join("".join(node.itertext()).strip() for node in tree.iter() if str(node.tag).endswith("text"))


def test_series_of_the_place_itself_with_the_drop_in_them(seed_run: Run) -> None:
    almaty = named(seed_run, "Almaty City")
    found = series_around(SEED, almaty)
    assert {one.signal for one, _, _ in found} == {"ping-slash24", "bgp", "merit-nt"}
    assert all("Almaty City" in one.name for one, _, _ in found)
    for _, detection, _ in found:
        [outage] = detection.outages
        assert (outage.run.from_s, outage.until_s) == (almaty.from_s, almaty.until_s)
    assert series_around(SEED, named(seed_run, "Atyrau")) == [], "nothing measures Atyrau, or wider than it"


def test_svg_with_signals_evidence_map_and_local_time(seed_run: Run, tmp_path: Path) -> None:
    almaty = named(seed_run, "Almaty City")
    evidence = {piece.id: piece for piece in seed_run.evidence}
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        draw_shutdown(path, almaty, series_around(SEED, almaty), evidence)
    told = texts(paths[0])
    for words in (
        "Almaty City, Kazakhstan: corroborated, 28 Feb 2021, 14:00 to 17:00",
        "active probing", "BGP", "the Merit telescope", "baseline", "claims", "protests",
        "local time, Asia/Almaty (UTC+06:00); above: UTC",
    ):  # fmt: skip
        assert words in told
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_what_else_may_explain_it_is_drawn(seed_run: Run, tmp_path: Path) -> None:
    """A cause and a common drop have lanes; a drop of another country and a claim that names a cause have none."""
    almaty = named(seed_run, "Almaty City")
    power = Explanation(kind="power", words="a line failed", source="KEGOC", lineage="k", id="cause/1")
    denial = Explanation(kind="denial", words="no cut", source="the ministry", lineage="m", id="claim/1")
    one = msgspec.structs.replace(
        almaty, happened=0.97, on_purpose=0.31, explanations=(power, denial), common_drops=("drop-1",)
    )
    span: dict[str, Any] = {"from_s": almaty.from_s, "until_s": almaty.until_s}
    cause = Cause(
        id="cause/1", origin=Origin(source="KEGOC"), country="KZ", place=almaty.place, lineage="k", kind="power",
        title="Line 5 tripped", **span,
    )  # fmt: skip
    drop = CommonDrop(
        id="common/KZ", origin=Origin(source="watch"), country="KZ", place=almaty.place, lineage="drop-1",
        verdict="source-failure", drop="drop-1", signals=("bgp",), countries=("KG", "KZ"), **span,
    )  # fmt: skip
    other = msgspec.structs.replace(drop, id="common/KG", country="KG", countries=("KG", "TJ"))
    path = tmp_path / "explained.svg"
    draw_shutdown(path, one, (), {piece.id: piece for piece in (cause, drop, other)})
    told = texts(path)
    for words in (
        "causes", "power cut: Line 5 tripped (KEGOC)", "common drops", "source failure: BGP in KG, KZ",
        "happened 0.97, on purpose 0.31", "denied: no cut (the ministry)",
    ):  # fmt: skip
        assert words in told
    assert "TJ" not in told


def test_png_without_measurements(seed_run: Run, tmp_path: Path) -> None:
    """Outages stand as bars then."""
    path = tmp_path / "chad.png"
    draw_shutdown(path, named(seed_run, "Chad"))
    with Image.open(path) as picture:
        assert picture.size[0] > 1200
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50


def test_what_is_not_over_and_lies_anywhere(seed_run: Run, tmp_path: Path) -> None:
    for code in ("FJ", "VA"):
        first = named(seed_run, "Chad")
        odd = msgspec.structs.replace(
            first, country=code, place=geography.country_place(code), until_s=None, evidence=()
        )
        draw_shutdown(tmp_path / f"{code}.png", odd)


def test_other_endings_are_refused(seed_run: Run, tmp_path: Path) -> None:
    with pytest.raises(StreamsError, match=r"\.png or \.svg"):
        draw_shutdown(tmp_path / "a.pdf", named(seed_run, "Chad"))
    assert list(tmp_path.iterdir()) == []


def test_the_command(seed_file: Path, tmp_path: Path) -> None:
    arguments = ["plot", "TD", "--from", str(seed_file), "--out", str(tmp_path / "x.svg")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert "Chad" in texts(tmp_path / "x.svg")


def test_land_and_sea() -> None:
    assert land((65.0, 45.0, 70.0, 50.0), 20).all(), "Kazakhstan"
    assert not land((-40.0, 20.0, -35.0, 25.0), 20).any(), "the Atlantic"


def test_words(seed_run: Run) -> None:
    almaty = named(seed_run, "Almaty City")
    assert when(almaty) == "28 Feb 2021, 14:00 to 17:00"
    assert when(named(seed_run, "Atyrau")) == "28 Feb 2021"
    assert when(msgspec.structs.replace(almaty, until_s=None)) == "since 28 Feb 2021, 14:00"
    assert when(msgspec.structs.replace(almaty, until_s=almaty.from_s + 86_400)).endswith("to 1 Mar 2021, 14:00")
