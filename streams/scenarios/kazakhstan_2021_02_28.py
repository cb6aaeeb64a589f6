"""Kazakhstan, 28 February 2021: the case that this system is named after.

Access Now, 2021: "Civil society reports internet shutdowns in two cities in Kazakhstan during February 28
protests". What the press release states is here as reports and news, each saying whom it has it from. Where it
gives words and no more, the record has no more: other sources "have also reported that the shutdown took place"
becomes a report with a day and no hour.

Constructed, because nothing of it was published, and marked so in `origin.reference`:

- the measurements. IODA showed "network disruptions during the relevant time period"; no raw values of that day
  are public. Three signals of the IODA regions 2088 (Almaty City) and 2089 (Nur-Sultan), none of 2077 (Atyrau),
  from 21 to 28 February, with a drop from 08:00 to 11:00 UTC on the last day;
- what individuals wrote, to the form that was open in Russian and from Atyrau;
- the decoys. Chad's national outage of 08:20 to 12:50 UTC that day is real, its values here are not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from streams.scenarios.frames import Course, frames
from streams.scenarios.scenario import Decoy, Expected, Scenario
from topics import (
    MEASUREMENTS,
    NEWS,
    REPORTS,
    Entity,
    Measurement,
    NewsItem,
    Origin,
    Record,
    Report,
    Reporter,
    Topic,
)
from topics.reports import Moment, ReporterKind

RELEASE = "https://www.accessnow.org/internet-shutdowns-kazakhstan-feb-28-protests/"
CONSTRUCTED = "constructed for this scenario"
DAY: Moment = "2021-02-28"
BEGIN, END = f"{DAY}T14:00", f"{DAY}T17:00"

SIGNALS = ("ping-slash24", "bgp", "merit-nt")
STEP_S = 600


def _utc(day: int, hour: int = 0, minute: int = 0) -> int:
    """Unix seconds of a moment of February 2021; day 29 is 1 March."""
    return int((dt.datetime(2021, 2, 1, hour, minute, tzinfo=dt.UTC) + dt.timedelta(days=day - 1)).timestamp())


SPAN = (_utc(21), _utc(29))
CUT = (_utc(28, 8), _utc(28, 11))
CHAD_CUT = (_utc(28, 8, 20), _utc(28, 12, 50))


def records() -> list[tuple[Topic, Record]]:
    """All records, in the order in which they would have come: measurements of each day, then news and reports."""
    measured = sorted(_measurements(), key=lambda frame: (frame.from_s, frame.country))
    return [
        *((MEASUREMENTS, frame) for frame in measured),
        *((NEWS, item) for item in _news()),
        *((REPORTS, report) for report in _reports()),
    ]


def _measurements() -> Iterator[Measurement]:
    almaty = Entity(type="region", code="2088", name="Almaty City")
    nur_sultan = Entity(type="region", code="2089", name="Nur-Sultan")
    chad = Entity(type="country", code="TD", name="Chad")
    words = f"{CONSTRUCTED}: no raw values of these days were published"
    origin = Origin(source="ioda", reference=words)
    cities = [*_courses(almaty, 520, 910, 640), *_courses(nur_sultan, 240, 410, 260)]
    yield from frames("KZ", cities, SPAN, CUT, step_s=STEP_S, offset_s=6 * 3600, origin=origin)
    national = _courses(chad, 120, 210, 90)
    yield from frames("TD", national, SPAN, CHAD_CUT, step_s=STEP_S, offset_s=3600, origin=origin)


def _courses(entity: Entity, probed: float, routed: float, heard: float) -> list[Course]:
    """The three signals of an entity: /24s that answer, /24s that are routed, sources that a telescope hears."""
    return [
        Course(entity, "ping-slash24", probed, rhythm=0.04, noise=0.02, during_cut=0.38),
        Course(entity, "bgp", routed, rhythm=0.0, noise=0.002, during_cut=0.88),
        Course(entity, "merit-nt", heard, rhythm=0.35, noise=0.12, during_cut=0.07),
    ]


def _report(key: str, kind: ReporterKind, name: str | None, places: tuple[str, ...], **more: object) -> Report:
    given: dict[str, object] = {"start": DAY, "extent": "full", "language": "en"} | more
    constructed = kind == "individual"
    return Report(
        id=f"kazakhstan-2021-02-28/{key}",
        origin=Origin(
            source="shutdown-stories" if constructed else "access-now",
            reference=CONSTRUCTED if constructed else RELEASE,
        ),
        reporter=Reporter(kind=kind, name=name, digest=key if constructed else None),
        country="Kazakhstan",
        places=places,
        **given,  # type: ignore[arg-type]
    )


def _reports() -> Iterator[Report]:
    cities = ("Almaty", "Nur-Sultan")
    society = "Internet Protection Society"
    hours: dict[str, object] = {"start": BEGIN, "end": END, "approximate": True}
    also = "have also reported that the shutdown took place"
    yield _report(
        "internet-protection-society", "organisation", society, cities, **hours,
        text="An internet shutdown was detected in two major Kazakhstan cities of Almaty and Nur-Sultan.",
    )  # fmt: skip
    yield _report(
        "access-now", "organisation", "Access Now", cities, **hours, cites=(society,), cause="Protests",
        text="Access Now received a report from Internet Protection Society, Russia that an internet shutdown was "
        "detected in two major Kazakhstan cities of Almaty and Nur-Sultan on February 28, 2021, from approximately "
        "14:00 to 17:00 local time.",
    )  # fmt: skip
    yield _report("foreign-media", "media", "foreign media", cities, text=f"Foreign media organizations {also}.")
    yield _report("media-alliance", "organisation", "Media Alliance", cities, text=f"Local groups {also}.")
    yield _report("legal-media-center", "organisation", "Legal Media Center", cities, text=f"Local groups {also}.")
    yield _report(
        "access-now-atyrau", "organisation", "Access Now", ("Atyrau",), extent=None,
        text="There have also been reports of shutdowns in other cities where the protests took place, such as "
        "Atyrau, but no measurements are currently available to confirm these accounts.",
    )  # fmt: skip
    yield from _individuals(hours)


def _individuals(hours: dict[str, object]) -> Iterator[Report]:
    yield _report(
        "form-1", "individual", None, ("Алматы", "Нур-Султан"), **hours, language="ru",
        text="28 февраля примерно с двух до пяти часов дня в Алматы не было ни мобильного, ни домашнего интернета. "
        "У родных в Нур-Султане в это время то же самое.",
    )  # fmt: skip
    yield _report(
        "form-2", "individual", None, ("Атырау",), extent=None, language="ru",
        text="В день митинга в Атырау не работал интернет.",
    )  # fmt: skip
    yield _report(
        "form-3",
        "individual",
        None,
        ("Atyrau",),
        extent=None,
        text="No internet in Atyrau on the day of the protest.",
    )
    # Three, since fewer individuals than that are not shown by themselves.
    for number in (1, 2, 3):
        yield _report(
            f"form-12-february-{number}", "individual", None, ("Алматы",), start="2021-02-12", language="ru",
            text="12 февраля в Алматы вечером пропал интернет.",
        )  # fmt: skip


def _news() -> Iterator[NewsItem]:
    """The protests that the release tells of, and one that it doesn't."""
    title = "protest calling for the release of political prisoners"
    for place in ("Almaty", "Nur-Sultan", "Atyrau", "Shymkent"):
        told = place != "Shymkent"
        yield NewsItem(
            id=f"kazakhstan-2021-02-28/protest-{place.casefold()}",
            origin=Origin(source="access-now" if told else "scenario", reference=RELEASE if told else CONSTRUCTED),
            country="Kazakhstan",
            places=(place,),
            start=DAY,
            title=title,
        )


ALMATY, NUR_SULTAN, ATYRAU, SHYMKENT = "KAZ-4829", "KAZ-4830", "KAZ-3198", "KAZ-3251"

#: The local day in Atyrau, which was an hour behind Almaty: UTC+5.
_ATYRAU_DAY = (_utc(27, 19), _utc(28, 19))
_ALMATY_EARLIER = (_utc(11, 18), _utc(12, 18))

SCENARIO = Scenario(
    name="kazakhstan-2021-02-28",
    country="KZ",
    introduction=(
        "Kazakhstan, 28 February 2021. Protests in several cities call for the release of political prisoners. "
        "From about 14:00 to 17:00 the internet is gone in Almaty and Nur-Sultan, and, people say, in Atyrau. "
        "Reports and protests are as Access Now's release states them; the measurements are constructed, since no "
        "raw values of that day were published."
    ),
    records=records,
    expected=(
        Expected("Almaty", "KZ", ALMATY, "corroborated", *CUT, within_s=STEP_S, signals=SIGNALS, protests=1),
        Expected(
            "Nur-Sultan", "KZ", NUR_SULTAN, "corroborated", *CUT, within_s=STEP_S, signals=SIGNALS, protests=1
        ),
        Expected("Atyrau", "KZ", ATYRAU, "reported", *_ATYRAU_DAY, measurement="no-series", protests=1),
    ),
    decoys=(
        Decoy(
            "Chad",
            "its outage of the same hours is of another country, and nobody reported it",
            "TD",
            None,
            Expected("Chad", "TD", None, "measured", *CHAD_CUT, within_s=STEP_S, signals=SIGNALS),
        ),
        Decoy(
            "Shymkent", "there was a protest, but nobody reported a shutdown and nothing dropped", "KZ", SHYMKENT
        ),
        Decoy(
            "Almaty, 12 February",
            "it is of another day",
            "KZ",
            ALMATY,
            Expected("Almaty, 12 February", "KZ", ALMATY, "reported", *_ALMATY_EARLIER, measurement="no-series"),
        ),
    ),
)
