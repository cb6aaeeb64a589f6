"""Which claims a report makes: one a place, and what happens to places that are on no map."""

from __future__ import annotations

from typing import Any

import pytest

from streams.claims import ClaimsStage
from streams.located import MOST_PLACES, MOST_REVISION
from streams.stage import Refused
from tests.claims.reports import pieces, report, run
from topics import Claim, Origin, Report, Reporter, encode


def claims(given: Report) -> list[Claim]:
    return pieces(ClaimsStage(), given)


def refusal(given: Report) -> Refused:
    result = run(ClaimsStage(), given)
    assert not result.out
    (refused,) = result.refused
    assert refused.index == 0
    return refused


def where(given: Report) -> list[tuple[str, str, str]]:
    return [(claim.place.kind, claim.place.name, claim.scope) for claim in claims(given)]


def test_the_stage_as_others_see_it() -> None:
    stage = ClaimsStage()
    assert (stage.name, stage.source.name, [one.name for one in stage.outputs]) == (
        "claims",
        "reports",
        ["evidence"],
    )
    stage.forget()


def test_a_claim_a_place_in_any_script() -> None:
    (claim,) = claims(report(places=("Алматы",)))
    assert (claim.id, claim.report) == (f"claim/form:r-1/{claim.place.key}", "r-1")
    assert (claim.country, claim.place.kind, claim.place.region) == ("KZ", "city", "KAZ-4829")
    two = claims(report(places=("Cities of Almaty and Atyrau",)))
    assert [claim.place.name for claim in two] == ["Almaty", "Atyrau"]
    assert len({claim.id for claim in two}) == 2
    assert {claim.lineage for claim in two} == {"media-alliance"}


def test_a_place_named_twice_is_one_claim() -> None:
    assert len(claims(report(places=("Almaty", "Алматы", "Almaty and Atyrau")))) == 2


@pytest.mark.parametrize(
    ("places", "name"),
    [
        (("Cities of Almaty and Nur-Sultan",), "Nur-Sultan"),
        (("Нур-Султан", "Nur-Sultan"), "Nur-Sultan"),
        (("Nur-Sultan", "Нур-Султан"), "Nur-Sultan"),
        (("ASTANA",), "Astana"),
        (("Нур-Султан",), "Astana"),
    ],
)
def test_a_place_has_the_name_that_the_reporter_wrote_in_latin_letters(places: tuple[str, ...], name: str) -> None:
    found = claims(report(places=places))[-1].place
    assert (found.name, found.key) == (name, claims(report(places=("Astana",)))[0].place.key)


@pytest.mark.parametrize("places", [(), ("Nationwide",), ("Almaty", "nationwide"), ("Kazakhstan",), ("",), (" ",)])
def test_the_country_where_no_place_is_named_or_all_are(places: tuple[str, ...]) -> None:
    (claim,) = claims(report(places=places))
    assert (claim.place.kind, claim.place.key, claim.scope, claim.flags) == ("country", "KZ", "national", ())


@pytest.mark.parametrize("country", ["KZ", "Kazakhstan", "КАЗАХСТАН", "KAZ"])
def test_countries_however_they_are_written(country: str) -> None:
    assert [claim.country for claim in claims(report(country=country))] == ["KZ"]


@pytest.mark.parametrize(
    ("places", "said", "scopes"),
    [
        (("Almaty",), None, ["local"]),
        (("Almaty",), "national", ["local"]),
        (("Atyrau region",), None, ["regional"]),
        (("Atyrau region",), "local", ["local"]),
        (("Atyrau region",), "national", ["regional"]),
        (("nationwide",), "local", ["national"]),
    ],
)
def test_a_claim_reaches_no_further_than_its_place(places: tuple[str, ...], said: Any, scopes: list[str]) -> None:
    assert [scope for _, _, scope in where(report(places=places, scope=said))] == scopes


# ------------------------------------------------------------------ unknown places


def test_places_found_are_claimed_and_the_others_flagged() -> None:
    found = claims(report(places=("Almaty", "Nowhereburg"), flags=("doubtful",)))
    assert [(claim.place.name, claim.flags) for claim in found] == [
        ("Almaty", ("unlocated: Nowhereburg", "doubtful"))
    ]


def test_a_national_report_of_unknown_places_is_of_the_country() -> None:
    (claim,) = claims(report(places=("Nowhereburg",), scope="national"))
    assert (claim.place.key, claim.scope, claim.flags) == ("KZ", "national", ("unlocated: Nowhereburg",))


@pytest.mark.parametrize("scope", [None, "local", "regional"])
def test_unknown_places_are_refused(scope: Any) -> None:
    refused = refusal(report(places=("Nowhereburg", "Elsewhere"), scope=scope))
    assert (refused.reason, refused.field) == ("unknown-place", "places")
    assert refused.detail == "no place in Kazakhstan is known by 'Nowhereburg', 'Elsewhere'"


def test_what_was_local_but_not_where_is_refused() -> None:
    refused = refusal(report(places=(), scope="local"))
    assert (refused.reason, refused.field) == ("unknown-place", "places")
    assert refused.detail == "it says that it was local in Kazakhstan, but not where"


def test_unknown_countries_are_refused() -> None:
    refused = refusal(report(country="Atlantis"))
    assert (refused.reason, refused.field) == ("unknown-place", "country")
    assert "'Atlantis'" in refused.detail


# ------------------------------------------------------------------ coordinates

ALMATY: dict[str, Any] = {"latitude": 43.2567, "longitude": 76.9286}


def test_coordinates_place_a_report_that_names_nothing_known() -> None:
    for places in ((), ("Nowhereburg",)):
        (claim,) = claims(report(places=places, **ALMATY))
        assert (claim.place.kind, claim.place.region, claim.place.time_zone) == ("point", "KAZ-4829", "Asia/Almaty")
        assert (claim.place.key, claim.scope) == ("KZ/43.26,76.93", "local")
        assert claim.place.radius_km > 0
    assert claim.flags == ("unlocated: Nowhereburg",)


def test_names_go_before_coordinates() -> None:
    assert where(report(places=("Atyrau",), **ALMATY)) == [("city", "Atyrau", "local")]


def test_coordinates_of_a_region_are_its_region_and_of_a_country_nothing() -> None:
    assert where(report(places=(), scope="regional", **ALMATY)) == [("region", "Almaty City", "regional")]
    assert where(report(places=(), scope="national", **ALMATY)) == [("country", "Kazakhstan", "national")]


@pytest.mark.parametrize(("latitude", "longitude"), [(48.85, 2.35), (0.0, -30.0)])
def test_coordinates_elsewhere_are_refused_where_nothing_else_is_said(latitude: float, longitude: float) -> None:
    refused = refusal(report(places=(), latitude=latitude, longitude=longitude))
    assert (refused.reason, refused.field) == ("unknown-place", "latitude")
    assert refusal(report(places=("Nowhereburg",), latitude=latitude, longitude=longitude)).field == "places"
    assert len(claims(report(latitude=latitude, longitude=longitude))) == 1


def test_half_a_point_is_none() -> None:
    assert where(report(places=(), latitude=43.26)) == [("country", "Kazakhstan", "national")]


# ------------------------------------------------------------------ what else a claim says


def test_what_a_claim_repeats() -> None:
    given = report(
        origin=Origin(source="access-now-stop", reference="https://example.org"),
        extent="service", networks=("mobile", "broadband", "mobile"), services=("whatsapp",), cause="Protests",
        ordered_by="the ministry", cites=("Telecom",), known_s=1_614_600_000,
    )  # fmt: skip
    (claim,) = claims(given)
    assert claim.origin == given.origin
    assert (claim.extent, claim.networks, claim.services) == ("service", ("broadband", "mobile"), ("whatsapp",))
    assert (claim.cause, claim.ordered_by, claim.cites) == ("Protests", "the ministry", ("Telecom",))
    assert (claim.reporter, claim.reporter_name, claim.lineage) == ("organisation", "Media Alliance", "telecom")
    assert claim.known_s == 1_614_600_000


def test_individuals_are_never_named() -> None:
    (claim,) = claims(report(reporter=Reporter(kind="individual", name="A. Person")))
    assert b"erson" not in encode(claim)
    assert claim.lineage.startswith("individual/")


def test_who_repeats_a_measurement_has_its_lineage() -> None:
    (claim,) = claims(report(cites=("IODA",)))
    assert claim.lineage == "ioda"


# ------------------------------------------------------------------ bounds


def test_long_texts_do_not_make_large_claims() -> None:
    text = "ж" * 20_000
    given = report(
        "r" * 300, origin=Origin(source="form", reference=text), cause=text, ordered_by=text, text=text,
        services=tuple(text for _ in range(5)), cites=("x",), flags=tuple(f"{n}{text}" for n in range(3)),
        reporter=Reporter(kind="media", name="n" * 300), places=("Almaty", text),
    )  # fmt: skip
    (claim,) = claims(given)
    assert len(encode(claim)) < 30_000
    assert len(claim.id) <= 300


def test_too_many_places_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.located.MOST_PLACES", 1)
    assert MOST_PLACES > 100
    refused = refusal(report(places=("Almaty", "Atyrau")))
    assert (refused.reason, refused.field) == ("out-of-bounds", "places")


def test_absurd_revisions_are_refused() -> None:
    for revision in (MOST_REVISION + 1, 10**30):
        refused = refusal(report(revision=revision))
        assert (refused.reason, refused.field) == ("out-of-bounds", "revision")
    assert len(claims(report(revision=MOST_REVISION))) == 1


def test_a_refused_report_does_not_hold_up_the_others() -> None:
    result = run(ClaimsStage(), report("a"), report("b", country="Atlantis"), report("c"), report("d", start="x"))
    assert [one.index for one in result.refused] == [1, 3]
    assert [piece.report for _, piece in result.out] == ["a", "c"]  # type: ignore[attr-defined]


def left_out(given: Report) -> list[tuple[str, list[str], bool]]:
    return [(claim.place.name, [place.name for place in claim.excluded], claim.partial) for claim in claims(given)]


@pytest.mark.parametrize(
    ("country", "area", "expected"),
    [
        ("IQ", "National except Kurdish areas", ("Iraq", ["Kurdistan Region"], False)),
        ("KZ", "all of Kazakhstan but Almaty", ("Kazakhstan", ["Almaty"], False)),
        ("SD", "Sudan except Khartoum", ("Sudan", ["Khartoum"], False)),
        ("IN", "All of Manipur but Imphal", ("Manipur", ["Imphal"], False)),
        ("IN", "Haryana (except Gurugram)", ("Haryana", ["Gurugram"], False)),
    ],
)
def test_a_claim_knows_what_it_leaves_out(country: str, area: str, expected: tuple[str, list[str], bool]) -> None:
    assert left_out(report(country=country, places=(area,))) == [expected]


def test_what_lies_elsewhere_is_not_left_out_of_a_place() -> None:
    assert left_out(report(places=("Almaty but not Astana",))) == [("Almaty", [], False)]


def test_what_is_named_by_itself_is_not_left_out() -> None:
    named = left_out(report(country="IN", places=("Haryana except Gurugram", "Gurugram")))
    assert named == [("Haryana", [], False), ("Gurugram", [], False)]


@pytest.mark.parametrize(
    ("country", "area", "name"),
    [
        ("IN", "12 districts of Rajasthan", "Rajasthan"),
        ("IN", "parts of Rajasthan", "Rajasthan"),
        ("IN", "several districts in West Bengal", "West Bengal"),
        ("KZ", "несколько районов Алматы", "Almaty"),
    ],
)
def test_a_part_that_is_not_named_makes_a_partial_claim(country: str, area: str, name: str) -> None:
    assert left_out(report(country=country, places=(area,))) == [(name, [], True)]


def test_a_place_named_whole_beside_its_part_is_claimed_whole() -> None:
    assert left_out(report(country="IN", places=("parts of Rajasthan", "Rajasthan"))) == [("Rajasthan", [], False)]


def test_villages_beside_named_towns_do_not_make_the_towns_partial() -> None:
    area = "Srinagar, Budgam and several villages, Jammu and Kashmir"
    assert [partial for _, _, partial in left_out(report(country="IN", places=(area,)))] == [False, False]
