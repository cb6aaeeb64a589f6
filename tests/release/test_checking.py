"""Only what one person says at the form goes on to `reports`, and nothing beside it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from streams.pipeline import Offline
from streams.release.checking import released
from tests.release.posted import FORGED, QUARTER_S, post
from topics import FORM_REPORTS, REPORTS, Claim, InvalidRecord, Origin, Reporter, encode

NOW_S = QUARTER_S + 60.0


@pytest.mark.parametrize("name", FORGED)
def test_who_speaks_for_somebody_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidRecord):
        released(encode(FORGED[name]), NOW_S)


def test_what_the_form_makes_goes_on_as_it_is() -> None:
    for report in (post(1), post(2, text="No internet, no WhatsApp"), post(3, kind="media", services="telegram")):
        assert released(encode(report), NOW_S) == report


def test_a_withdrawal_of_the_next_quarter_goes_on() -> None:
    back = replace(post(1), revision=QUARTER_S + 900, withdrawn=True)
    assert released(encode(back), NOW_S) == back


def test_nothing_that_the_form_would_not_say_goes_on_with_it() -> None:
    planted = replace(
        post(1),
        origin=Origin(source="form", reference="https://example.org/aigerim"),
        reporter=Reporter(kind="individual", name="Aigerim", digest="d"),
        text="It's Aigerim",
        cites=("Aigerim",),
        services=("Aigerim", "telegram"),
        cause="Aigerim",
        ordered_by="Aigerim",
        flags=("Aigerim", "unlocated:aigerim", "time-of-publication"),
    )
    value = encode(released(encode(planted), NOW_S))
    assert b"igerim" not in value
    assert b"telegram" in value
    assert b"time-of-publication" in value


def test_one_who_cites_three_names_is_one_person() -> None:
    """Without a digest a claim counts as the lineage of whom it cites."""
    offline = Offline(NOW_S)
    for number in range(3):
        one = replace(post(number), reporter=Reporter(kind="individual"), cites=(f"Name {number}",))
        offline.add(FORM_REPORTS.name, encode(one))
    assert {piece.lineage for piece in offline.evidence() if isinstance(piece, Claim)} == {"individual/unnamed"}


def test_without_kafka_reports_are_released_too() -> None:
    by_form, at_once = Offline(NOW_S), Offline(NOW_S)
    for person in range(4):
        by_form.add(FORM_REPORTS.name, encode(post(person)))
        at_once.add(REPORTS.name, encode(post(person)))
    for forged in FORGED.values():
        by_form.add(FORM_REPORTS.name, encode(forged))
    assert by_form.shutdowns() == at_once.shutdowns() != []
    assert [one.number for one in by_form.rejected] == list(range(5, 5 + len(FORGED)))
    assert {one.topic for one in by_form.rejected} == {"form-reports"}
