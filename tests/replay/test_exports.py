"""Every export opened by a reader of its kind, and what it says compared with the shutdowns."""

from __future__ import annotations

import csv
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pandas
import pyarrow.parquet as pq
import pyogrio
import pytest
import xmlschema
from click.testing import CliRunner

from streams import geography
from streams.cli.main import shutdowns as command
from streams.judgement_words import explained
from streams.replay.exports import FORMATS, cap
from streams.replay.exports.tables import cell
from streams.replay.runs import Run
from streams.sources import Accepted, stop
from topics import Explanation, Place, Report, Shutdown, Support

HERE = Path(__file__).parent

#: The required attributes of CloudEvents 1.0 in JSON, and the types of all.
CLOUDEVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"},
        "data": {"type": "object"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
}


@pytest.fixture(scope="module")
def shutdowns(seed_run: Run) -> list[Shutdown]:
    """The seed case's, and some that lie across what formats find hard."""
    first = seed_run.shutdowns[0]
    fiji = msgspec.structs.replace(
        first, id="FJ-1", country="FJ", place=geography.country_place("FJ"), until_s=None, status="open"
    )
    hostile = Place(
        kind="point", country="KZ", name='=HYPERLINK("http://x")\n,"', latitude=43.2, longitude=76.9, radius_km=3
    )
    support = Support(
        id="c", kind="claim", role="supports", source="s", lineage="l", place="p", from_s=first.from_s,
        until_s=None, words="<b>&", reference="https://example.org/a?b=<&c",
    )  # fmt: skip
    told = (
        Explanation(
            kind="power",
            words="=a line failed",
            source="KEGOC",
            lineage="k",
            id="c",
            reference="https://example.org/k",
        ),
        Explanation(kind="denial", words="no cut", source="the ministry", lineage="m", id="d"),
    )
    odd = msgspec.structs.replace(
        first, id="KZ-2", place=hostile, evidence=(support,), flags=("@SUM(A1)",), explanations=told,
        campaign="campaign-1", common_drops=("drop-1", "drop-2"),
    )  # fmt: skip
    network = Place(kind="network", country="KZ", name="-AS1", network=1)
    return [*seed_run.shutdowns, fiji, odd, msgspec.structs.replace(first, id="KZ-3", place=network)]


@pytest.fixture
def written(shutdowns: list[Shutdown], seed_run: Run, tmp_path: Path) -> Any:
    def write(name: str) -> Path:
        path = tmp_path / f"out{FORMATS[name].ending}"
        with path.open("wb") as stream:
            FORMATS[name].write(shutdowns, {piece.id: piece for piece in seed_run.evidence}, stream)
        return path

    return write


def test_geojson_by_gdal(written: Any, shutdowns: list[Shutdown]) -> None:
    path = written("geojson")
    info = pyogrio.read_info(path)
    assert (info["features"], info["crs"]) == (len(shutdowns), "EPSG:4326")
    table = pyogrio.read_arrow(path)[1]
    assert table.column("id").to_pylist() == [one.id for one in shutdowns]
    assert set(table.column("level").to_pylist()) == {"corroborated", "measured", "reported"}
    document = json.loads(path.read_bytes())
    assert all(set(one) == {"type", "id", "geometry", "properties"} for one in document["features"])
    almaty = next(one for one in document["features"] if one["properties"]["place"] == "Almaty City")
    assert almaty["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert almaty["properties"]["begin_local"] == "2021-02-28T14:00:00+06:00"
    fiji = next(one for one in document["features"] if one["id"] == "FJ-1")
    numbers = [x for part in fiji["geometry"]["coordinates"] for ring in part for x, _ in ring]
    assert min(numbers) >= -180
    assert max(numbers) <= 180, "nothing runs across the date line"


def test_csv_by_pandas_and_no_cell_is_a_formula(written: Any, shutdowns: list[Shutdown]) -> None:
    path = written("csv")
    table = pandas.read_csv(path)
    assert list(table["id"]) == [one.id for one in shutdowns]
    for name in ("probability", "happened", "on_purpose"):
        assert list(table[name].round(6)) == [round(getattr(one, name) or 0, 6) for one in shutdowns]
    [told] = table["explanations"].dropna()
    assert told == "power cut: =a line failed (KEGOC); denied: no cut (the ministry)"
    [drops] = table["common_drops"].dropna()
    assert drops == "drop-1; drop-2"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        cells = [value for row in csv.reader(stream) for value in row]
    texts = [value for value in cells if not re.fullmatch(r"-?\d+(\.\d+)?", value)]
    assert not [value for value in texts if value.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")]
    assert '\'=HYPERLINK("http://x")\n,"' in cells


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
def test_formulas_are_neutralised(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell([text, "b"]) == f"'{text}; b"


def test_parquet_by_arrow(written: Any, shutdowns: list[Shutdown]) -> None:
    table = pq.read_table(written("parquet"))
    assert table.column("id").to_pylist() == [one.id for one in shutdowns]
    begins = table.column("begin").to_pylist()
    assert [int(one.timestamp()) for one in begins] == [one.from_s for one in shutdowns]
    assert [len(one) for one in table.column("evidence").to_pylist()] == [len(one.evidence) for one in shutdowns]


def test_cap_by_its_schema(shutdowns: list[Shutdown]) -> None:
    schema = xmlschema.XMLSchema(HERE / "cap-1.2.xsd")
    for shutdown in shutdowns:
        text = cap.alert(shutdown).decode()
        schema.validate(text)
        told: Any = schema.to_dict(text)
        [info] = told["info"]
        assert info["certainty"] == cap.CERTAINTY[shutdown.level]
        values = [(one["valueName"], one["value"]) for one in info["parameter"]]
        assert ("on_purpose", f"{shutdown.on_purpose:.3f}") in values
        assert [value for name, value in values if name == "explanation"] == [
            explained(one) for one in shutdown.explanations
        ]
        [area] = info["area"]
        for polygon in area.get("polygon", ()):
            assert polygon.split()[0] == polygon.split()[-1]
    broken = cap.alert(shutdowns[0]).decode().replace("Infra", "Internet")
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate(broken)


def test_cap_updates_and_cancels(seed_run: Run) -> None:
    schema = xmlschema.XMLSchema(HERE / "cap-1.2.xsd")
    first = seed_run.changes[0].shutdown.id
    steps = [change for change in seed_run.changes if change.shutdown.id == first]
    last, gone = steps[-1].shutdown, {"happened": None, "on_purpose": None, "probability": None}
    ended = msgspec.structs.replace(
        last, revision=last.revision + 1, status="merged", merged_into="KZ-1", why=(), **gone
    )
    steps.append(
        msgspec.structs.replace(steps[-1], id=f"{first}/{ended.revision}", change="merged", shutdown=ended)
    )
    messages: list[Any] = []
    for text in cap.alerts(steps):
        schema.validate(text.decode())
        messages.append(schema.to_dict(text.decode()))
    assert [one["msgType"] for one in messages][:1] == ["Alert"]
    assert messages[-1]["msgType"] == "Cancel"
    assert messages[-1]["references"].split()[-1].split(",")[1] == messages[-2]["identifier"]
    assert len({one["identifier"] for one in messages}) == len(messages)


def test_cloudevents(written: Any, shutdowns: list[Shutdown]) -> None:
    schema = json.loads((HERE.parents[1] / "docs" / "schema" / "shutdown-1.json").read_text())
    lines = [json.loads(line) for line in written("cloudevents").read_bytes().splitlines()]
    assert [line["subject"] for line in lines] == [one.id for one in shutdowns]
    for line in lines:
        jsonschema.validate(line, CLOUDEVENT, format_checker=jsonschema.FormatChecker())
        jsonschema.validate(line["data"], schema)


def test_stop_is_read_as_access_nows_own(written: Any, shutdowns: list[Shutdown]) -> None:
    rows = list(stop.read(written("stop")))
    assert all(isinstance(row, Accepted) for row in rows)
    for row, shutdown in zip(rows, shutdowns, strict=True):
        assert isinstance(row, Accepted)
        report: Any = row.record
        assert geography.country_code(report.country) == shutdown.country
        assert (report.scope, report.ongoing) == (shutdown.scope, shutdown.status == "open")
        assert report.start == ("2021-02-12" if shutdown.id[:2] == "FJ" else report.start)
    causes = {
        record.cause for row in rows if isinstance(row, Accepted) and isinstance(record := row.record, Report)
    }
    assert causes == {"Protests", None}, "the trigger comes from the claims"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_command(name: str, seed_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["export", "--from", str(seed_file), "--format", name, "--country", "KZ", "--out", str(out)]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    if FORMATS[name].single:
        assert len(list(out.iterdir())) >= 3
    else:
        assert out.stat().st_size > 500
        assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_nothing_to_export_is_well_formed() -> None:
    for name, made in FORMATS.items():
        if not made.single:
            sink = BytesIO()
            made.write([], {}, sink)
            if name == "geojson":
                assert json.loads(sink.getvalue())["features"] == []
