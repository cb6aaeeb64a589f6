"""The small inputs that came out wrong, where their folder is: the third column, as far as it can be read."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.texts import TextReading, read_text

CASES = Path(__file__).parents[2].parent / "shared" / "cases"

_MOMENT = r"(publication|\d{4}-\d\d-\d\d(?:T\d\d:\d\dZ?)?)"
_NONE = re.compile(r"none|no report|no new cut|.*\bor no report\b")

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the small inputs are not at {CASES}"),
]


def rows(name: str) -> Iterator[tuple[str, int, str]]:
    """Text, moment of publication, and what is right."""
    with (CASES / "texts" / name).open(encoding="utf-8", newline="") as stream:
        for text, published, right, *_ in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield text, int(dt.datetime.fromisoformat(published).replace(tzinfo=dt.UTC).timestamp()), right


def moment(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%MZ")


def kolkata(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone(dt.timedelta(hours=5.5))).strftime("%Y-%m-%dT%H:%M")


def test_orders_and_ends() -> None:
    for text, published_s, right in rows("orders_and_ends.tsv"):
        reading = read_text(text, published_s)
        if _NONE.match(right):
            assert reading.verdict == "none", text
            continue
        assert reading.verdict == "report", text
        found = re.search(rf"{_MOMENT}(?: to {_MOMENT})?", right)
        assert found is not None, right
        begin, end = found.groups()
        started = {reading.start}
        if reading.start == moment(published_s):
            started |= {"publication", kolkata(published_s)}
        assert begin in started, (text, reading)
        assert reading.end == (end or ""), (text, reading)
        assert (reading.about == "announced") is right.startswith("announced") or "from 6 pm of" in text


@pytest.mark.parametrize("name", ["speaker_is_no_place.tsv", "words_of_outage.tsv"])
def test_speakers_and_words(name: str) -> None:
    for text, published_s, right in rows(name):
        reading = read_text(text, published_s)
        if _NONE.match(right):
            assert reading.verdict == "none", text
            continue
        assert reading.verdict == "report", text
        place = re.match(r"([A-Z]{2}) (national|[\w ]+)", right)
        if place is not None:
            names = " ".join(one.name for one in reading.places) or reading.scope
            assert (reading.country, names) == place.groups(), text
        if "mobile" in right:
            assert reading.networks == ("mobile",), text
        if "partial" in right:
            assert reading.extent is None, text


def messages(name: str, home: str | None) -> Iterator[TextReading]:
    for message in json.loads((CASES / name).read_text(encoding="utf-8"))["messages"]:
        yield read_text(message["text"], int(message["date_unixtime"]), home)


def test_persons_out_of_reach() -> None:
    assert {reading.verdict for reading in messages("persons_out_of_reach.json", None)} == {"none"}


def test_the_whole_country_of_the_channel() -> None:
    for reading in messages("whole_country_of_the_channel.json", "BY"):
        assert (reading.verdict, reading.country, reading.scope) == ("report", "BY", "national")
