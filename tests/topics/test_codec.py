"""Bytes in, bytes out: what is valid survives the trip, what isn't is refused with its reason and field."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics import (
    CATALOGUE,
    EVIDENCE,
    MEASUREMENTS,
    REPORTS,
    Claim,
    Entity,
    InvalidRecord,
    Measurement,
    Origin,
    Outage,
    Place,
    Report,
    Reporter,
    Series,
    decode,
    digest,
    encode,
    topic_named,
)

FRAME = Measurement(
    id="ioda/KZ/1614470400",
    origin=Origin(source="ioda", reference="constructed"),
    country="KZ",
    from_s=1_614_470_400,
    step_s=600,
    series=(Series(entity=Entity(type="region", code="2088", name="Almaty City"), signal="ping-slash24"),),
    values=((520.0, None, 310.0),),
)
REPORT = Report(
    id="r1",
    origin=Origin(source="form"),
    reporter=Reporter(kind="individual"),
    country="Казахстан",
    places=("Алматы",),
    start="2021-02-28T14:00",
)


def changed(record: msgspec.Struct, **fields: Any) -> bytes:
    return orjson.dumps(msgspec.to_builtins(record) | fields)


def test_a_record_survives_the_wire() -> None:
    assert decode(MEASUREMENTS, encode(FRAME)) == FRAME
    assert decode(REPORTS, encode(REPORT)) == REPORT
    assert FRAME.until_s == FRAME.from_s + 1_800


def test_the_schema_stands_first_on_the_wire() -> None:
    assert encode(FRAME).startswith(b'{"schema":"measurement/1"')


def test_the_four_kinds_of_evidence_are_told_apart() -> None:
    common: dict[str, Any] = {
        "origin": Origin(source="ioda"),
        "country": "KZ",
        "place": Place(kind="country", country="KZ", name="Kazakhstan"),
        "from_s": 1_614_499_200,
        "until_s": None,
        "lineage": "ioda",
    }
    outage = Outage(id="o", series="ioda/country/KZ/bgp", signals=("bgp",), **common)
    claim = Claim(id="c", report="r1", reporter="media", scope="national", **common)
    assert decode(EVIDENCE, encode(outage)) == outage
    assert decode(EVIDENCE, encode(claim)) == claim


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (None, "not-json", None),
        (b"", "not-json", None),
        (b"{", "not-json", None),
        (b"\xff\xfe\x00", "not-json", None),
        (b"[" * 100_000, "wrong-type", None),
        (b'{"schema":"measurement/1","id":' + b"[" * 100_000, "wrong-type", "id"),
        (b"[]", "wrong-type", None),
        (b"{}", "missing-field", "schema"),
        (b'{"schema":""}', "unknown-schema", "schema"),
        (b'{"schema":"measurement/2"}', "unknown-schema", "schema"),
        (b'{"schema":"report/1"}', "unknown-schema", "schema"),
        (b'{"schema":7}', "unknown-schema", "schema"),
        (changed(FRAME, step_s="600"), "wrong-type", "step_s"),
        (changed(FRAME, step_s=0), "out-of-bounds", "step_s"),
        (changed(FRAME, from_s=12), "absurd-time", "from_s"),
        (changed(FRAME, from_s=2**60), "absurd-time", "from_s"),
        (changed(FRAME, country="Kazakhstan"), "out-of-bounds", "country"),
        (changed(FRAME, values=[[1, "2", 3]]), "wrong-type", "values[0][1]"),
        (changed(FRAME, values=[[1], [2]]), "out-of-bounds", None),
        (changed(FRAME, values=[[]]), "out-of-bounds", None),
        (encode(FRAME).replace(b"310.0", b"1e999"), "wrong-type", "values[0][2]"),
        (encode(FRAME).replace(b"310.0", b"NaN"), "not-json", None),
        (encode(FRAME).replace(b'"id":', b'"di":'), "missing-field", "id"),
    ],
)
def test_what_is_wrong_is_named(value: bytes | None, reason: str, field: str | None) -> None:
    with pytest.raises(InvalidRecord) as caught:
        decode(MEASUREMENTS, value)
    assert (caught.value.reason, caught.value.field) == (reason, field), caught.value.detail


@pytest.mark.parametrize("start", ["28 Feb", "2021-02-28 14:00", "2021-02-28T14", "20210228", "2021-02-28T14:00+6"])
def test_a_moment_is_iso_8601(start: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        decode(REPORTS, changed(REPORT, start=start))
    assert (caught.value.reason, caught.value.field) == ("absurd-time", "start")


def test_an_oversized_record_is_refused_by_its_size() -> None:
    value = changed(REPORT, text="x" * 600_000)
    with pytest.raises(InvalidRecord, match=r"above the limit of 500,000") as caught:
        decode(REPORTS, value)
    assert caught.value.reason == "oversized"


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(value: bytes) -> None:
    for topic in CATALOGUE:
        with pytest.raises(InvalidRecord):
            decode(topic, value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_in_any_field_decodes_or_is_refused(value: Any) -> None:
    for name in FRAME.__struct_fields__:
        try:
            raw = changed(FRAME, **{name: value})
        except TypeError:  # an integer beyond what JSON writers take
            continue
        with suppress(InvalidRecord):
            decode(MEASUREMENTS, raw)


def test_digests_do_not_depend_on_the_order_of_fields() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


def test_topics_are_found_by_name() -> None:
    assert topic_named("reports") is REPORTS
    with pytest.raises(KeyError, match="there are measurements, form-reports, reports"):
        topic_named("rumours")


def test_keys_are_natural() -> None:
    assert MEASUREMENTS.key(FRAME) == "ioda/KZ"
    assert REPORTS.key(REPORT) == "r1"


def test_the_contract_imports_without_the_engine() -> None:
    """A consumer has msgspec and orjson only: nothing else may be imported."""
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'faust', 'shapely', 'numpy', 'kafka', 'click', 'rich', 'streams'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from topics import Shutdown, SHUTDOWNS, decode\n"
        "print(Shutdown.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Shutdown\n"
