"""Posted reports: what a form gives, what it may not, and how its author takes it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.claims import ClaimsStage
from streams.sources import SourceError, forms
from streams.sources.posted import FIELDS, PostedError, read_posted, receipt
from streams.sources.rows import Accepted, Rejected
from streams.sources.salt import salt
from tests.claims.reports import pieces, run, standing
from topics import INVALID, REPORTS, Invalid, Report, decode, encode

SALT = b"a salt for the tests alone"
#: 28 February 2021, 14:20 in Almaty.
RECEIVED_S = 1_614_500_400
FORM: dict[str, Any] = {"country": "KZ", "place": "Almaty", "start": "2021-02-28T14:00"}


def posted(**fields: Any) -> Report:
    one = read_posted(FORM | fields, received_s=RECEIVED_S, salt=SALT).report
    assert decode(REPORTS, encode(one)) == one
    return one


def problems(*, trusted: bool = False, **fields: Any) -> set[str]:
    with pytest.raises(PostedError) as caught:
        read_posted(FORM | fields, received_s=RECEIVED_S, salt=SALT, trusted=trusted)
    return set(caught.value.problems)


def test_a_form_is_a_report() -> None:
    one = posted(end="2021-02-28 14:15", networks="mobile, broadband", extent="full", services="", language="ru")
    assert (one.country, one.places, one.scope) == ("KZ", ("Almaty",), None)
    assert (one.start, one.end, one.ongoing, one.approximate) == (
        "2021-02-28T14:00",
        "2021-02-28T14:15",
        False,
        False,
    )
    assert (one.networks, one.extent, one.language) == (("mobile", "broadband"), "full", "ru")
    assert (one.reporter.kind, one.reporter.name, one.reporter.digest) == ("individual", None, None)
    assert (one.text, one.known_s, one.flags) == (None, RECEIVED_S, ())
    assert one.id.startswith("form/KZ/2021-02-28/")


def test_jsons_values_are_as_good() -> None:
    one = posted(networks=["mobile"], ongoing=True, latitude=43.25, longitude=76.95, place=None)
    assert (one.networks, one.ongoing) == (("mobile",), True)
    assert (one.latitude, one.longitude, one.places) == (43.2, 77.0, ())


def test_a_form_with_a_text_alone() -> None:
    text = "В Алматы с двух часов не работает мобильный интернет"
    one = read_posted({"text": text}, received_s=RECEIVED_S, salt=SALT).report
    assert (one.country, one.start, one.networks, one.extent) == ("KZ", "2021-02-28T14:00", ("mobile",), "full")
    assert (one.language, one.text) == ("ru", None)
    (claim,) = pieces(ClaimsStage(), one)
    assert claim.place.name == "Almaty"


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("Almaty, Abay street 12, flat 7", ("Almaty",)),
        ("Алматы", ("Almaty",)),
        ("Almaty and Atyrau", ("Almaty", "Atyrau")),
        ("nationwide", ()),
    ],
)
def test_of_places_only_what_the_map_knows_goes_on(place: str, names: tuple[str, ...]) -> None:
    one = posted(place=place)
    assert one.places == names
    assert one.scope == ("national" if not names else None)


def test_without_a_time_it_is_now_about() -> None:
    one = posted(start="")
    assert (one.start, one.ongoing, one.approximate) == ("2021-02-28T08:20Z", True, True)
    assert one.flags == ("time-of-publication",)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"country": "Atlantis"}, {"country"}),
        ({"country": "", "place": ""}, {"place"}),
        ({"place": "Nowhereburg"}, {"place"}),
        ({"place": "Abay street 12"}, {"place"}),
        ({"start": "yesterday"}, {"start"}),
        ({"start": "2021-02-30"}, {"start"}),
        ({"start": "2021-03-01T14:00"}, {"start"}),
        ({"end": "later"}, {"end"}),
        ({"extent": "everything"}, {"extent"}),
        ({"networks": "mobile, pigeon"}, {"networks"}),
        ({"services": ["my cousin's blog"]}, {"services"}),
        ({"kind": "king"}, {"kind"}),
        ({"ongoing": "perhaps"}, {"ongoing"}),
        ({"latitude": "43", "longitude": ""}, {"latitude"}),
        ({"latitude": "91", "longitude": "0"}, {"latitude"}),
        ({"latitude": "48.85", "longitude": "2.35"}, {"latitude"}),
        ({"latitude": "nan", "longitude": "1"}, {"latitude"}),
        ({"place": ["Almaty"]}, {"place"}),
        ({"place": "A" * 501}, {"place"}),
        ({"text": "x" * 5_001}, {"text"}),
        ({"id": "1"}, {"id"}),
        ({"withdrawn": "yes"}, {"id", "receipt"}),
    ],
)
def test_what_makes_no_report_is_said_field_by_field(fields: dict[str, Any], named: set[str]) -> None:
    assert problems(**fields) == named <= FIELDS.keys()


def test_only_who_is_trusted_reports_as_an_organisation() -> None:
    fields = FORM | {"kind": "media", "name": "Radio Almaty"}
    one = read_posted(fields, received_s=RECEIVED_S, salt=SALT).report
    assert (one.reporter.kind, one.reporter.name, one.flags) == ("individual", None, ("says-it-is-media",))
    two = read_posted(fields, received_s=RECEIVED_S, salt=SALT, trusted=True).report
    assert (two.reporter.kind, two.reporter.name, two.flags) == ("media", "Radio Almaty", ())
    assert problems(kind="media", trusted=True) == {"name"}


def test_authors_and_ids() -> None:
    """One author is one hand; an id of their own makes a correction, not a second report."""
    first, again = posted(author="+7 701 123 45 67"), posted(author="+7 701 123 45 67", place="Atyrau")
    assert first.reporter.digest == again.reporter.digest != posted(author="other").reporter.digest
    assert first.id != again.id
    own = posted(author="a", id="1")
    assert own.id == posted(author="a", id="1", extent="full").id != posted(author="b", id="1").id
    assert "701" not in encode(first).decode()


def test_a_text_that_says_otherwise_is_flagged() -> None:
    assert posted(text="Internet is back in Almaty").flags == ("text-says-otherwise",)


def test_taking_back_needs_the_receipt() -> None:
    given = read_posted(FORM, received_s=RECEIVED_S, salt=SALT)
    back = {"id": given.report.id, "receipt": given.receipt, "withdrawn": True}
    taken = read_posted(back, received_s=RECEIVED_S + 60, salt=SALT).report
    store: dict[str, bytes] = {}
    assert not standing([run(ClaimsStage(), one, store=store) for one in (given.report, taken)])
    store = {}
    assert not standing([run(ClaimsStage(), one, store=store) for one in (taken, given.report)])
    for wrong in (back | {"receipt": "0" * 24}, back | {"id": given.report.id + "0"}, back | {"receipt": "ключ"}):
        with pytest.raises(PostedError, match="receipt"):
            read_posted(wrong, received_s=RECEIVED_S, salt=SALT)
    assert receipt(given.report.id, b"another salt") != given.receipt


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", SALT.decode())


@pytest.mark.usefixtures("environment")
def test_files_of_forms(tmp_path: Path) -> None:
    lines = [FORM | {"received": "2021-02-28T08:20:00Z"}, FORM | {"received": RECEIVED_S, "place": "Atyrau"}]
    jsonl, array, table = tmp_path / "a.jsonl", tmp_path / "b.json", tmp_path / "c.csv"
    jsonl.write_text("\n".join(map(json.dumps, lines)))
    array.write_text(json.dumps(lines, indent=1))
    table.write_text(
        "Country,Place,Start,Received\n"
        + "".join(f"KZ,{one['place']},{one['start']},{RECEIVED_S}\n" for one in lines)
    )
    for path in (jsonl, array, table):
        records = [row.record for row in forms.read(path) if isinstance(row, Accepted)]
        assert [one.places for one in records if isinstance(one, Report)] == [("Almaty",), ("Atyrau",)]
        assert [one.known_s for one in records if isinstance(one, Report)] == [RECEIVED_S] * 2
    assert list(forms.read(jsonl)) == list(forms.read(jsonl))


@pytest.mark.usefixtures("environment")
def test_what_a_file_has_that_is_no_report(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(
            [
                json.dumps(FORM | {"place": "Abay street 12, by Aigerim's house"}),
                "{broken",
                "[]",
                '"text"',
                json.dumps({"country": "KZ", "place": "Almaty"}),
                json.dumps(FORM),
                json.dumps(FORM),
            ]
        )
    )
    rows = list(forms.read(path))
    refused = rows[0]
    assert isinstance(refused, Accepted)
    assert refused.topic is INVALID
    assert isinstance(refused.record, Invalid)
    assert refused.record.reason == "unknown-place"
    assert "Aigerim" not in encode(refused.record).decode()
    assert refused.record.value is not None
    assert b"Aigerim" not in refused.record.value
    assert [row.reason for row in rows[1:] if isinstance(row, Rejected)] == [
        "damaged: no JSON",
        "no form: it is no JSON object",
        "no `received` and no `start` that can be read",
    ]
    same = [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Report)]
    assert len({one.id for one in same if isinstance(one, Report)}) == 2, "two people may report the same"


def test_a_salt_is_made_once_and_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, other, state = tmp_path / "one", tmp_path / "other", tmp_path / "state"
    one.mkdir()
    other.mkdir()
    monkeypatch.chdir(one)
    made = salt({"XDG_STATE_HOME": str(state)})
    assert str(state) in caplog.text
    assert made.decode() not in caplog.text
    caplog.clear()
    monkeypatch.chdir(other)
    assert salt({"XDG_STATE_HOME": str(state)}) == made, "the same from another folder"
    assert not caplog.text
    assert list(one.iterdir()) == list(other.iterdir()) == []
    assert salt({"XDG_STATE_HOME": str(state), "SHUTDOWNS_DATADIR": str(other)}) != made
    assert (other / "salt").exists()
    (one / ".shutdowns").mkdir()
    monkeypatch.chdir(one)
    assert salt({"XDG_STATE_HOME": str(state)}) == (one / ".shutdowns" / "salt").read_bytes().strip()


def test_the_salt(tmp_path: Path) -> None:
    assert salt({"SHUTDOWNS_SALT": "sixteen letters!"}) == b"sixteen letters!"
    file = tmp_path / "given"
    file.write_text("from a file of mine\n")
    assert salt({"SHUTDOWNS_SALT_FILE": str(file)}) == b"from a file of mine"
    kept = tmp_path / "new" / "salt"
    made = salt({}, kept)
    assert len(made) == 64
    assert salt({}, kept) == made
    assert kept.stat().st_mode & 0o077 == 0
    named = tmp_path / "named"
    assert salt({"SHUTDOWNS_SALT_FILE": str(named)}) == named.read_bytes().strip(), "made where the setting says"
    for environ in ({"SHUTDOWNS_SALT": "short"}, {"SHUTDOWNS_SALT_FILE": str(tmp_path)}):
        with pytest.raises(SourceError) as caught:
            salt(environ, kept)
        assert "short" not in str(caught.value).replace("shorter", "")
