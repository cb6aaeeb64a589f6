"""The page itself: a template filled, with nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streams import geography
from streams.errors import StreamsError
from streams.judgement_words import explained, own_reasons, share_words
from streams.plots.report import charts
from streams.plots.report.counting import Counts, count, duration_of, in_year, trigger_of
from streams.plots.words import LEVEL_COLOURS, when
from streams.replay.exports.common import references
from streams.replay.runs import Head
from topics import Evidence, Explanation, Shutdown

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def page(
    shutdowns: Sequence[Shutdown],
    country: str | None,
    year: int,
    evidence: Mapping[str, Evidence] | None = None,
    head: Head | None = None,
) -> str:
    """A year's shutdowns as HTML.

    Args:
        shutdowns: of any country and time; those that began in `year` by their places' clocks are told.
        country: alpha-2 code; None for the world.
        year: the year.
        evidence: by id. Triggers are in the claims: without them none is told.
        head: of the run that the shutdowns are from: its rules and code are told at the end.

    Raises:
        StreamsError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError as error:
        raise StreamsError("reports need jinja2: pip install 'shutdown-streams[plot]'") from error
    evidence = evidence or {}
    told = in_year(shutdowns, country, year)
    counts = count(told, country, evidence)
    where = "the world" if country is None else geography.country_place(country).name
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filled: str = template.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=f"Internet shutdowns in {where}, {year}",
        where=where,
        year=year,
        world=country is None,
        counts=counts,
        sentences=_sentences(told, counts, country, year),
        colours=LEVEL_COLOURS,
        map=charts.world_map(told) if country is None else charts.country_map(told, country),
        months=charts.months(counts.months),
        places=charts.bars(counts.places),
        durations=charts.bars(counts.durations),
        triggers=charts.bars(counts.triggers),
        scopes=charts.bars(counts.scopes),
        rows=[_row(one, evidence, country) for one in told],
        head=head,
        rules=sorted({one.rules for one in told}),
    )
    return filled


def _sentences(told: Sequence[Shutdown], counts: Counts, country: str | None, year: int) -> list[str]:
    if not told:
        return [f"No shutdown is known of {year}."]
    levels = counts.levels
    claimed = counts.total - levels["measured"]
    countries = len({one.country for one in told if one.level != "measured"})
    where = f" in {counted_as(countries, 'country', 'countries')}" if country is None else ""
    words = (
        f"{counted_as(claimed, 'shutdown is', 'shutdowns are')} claimed of {year}{where}: "
        f"{levels['corroborated']:,} corroborated by measurements, {levels['reported']:,} reported without usable "
        f"ones, {levels['contradicted']:,} contradicted by them."
    )
    found = [words]
    if levels["measured"]:
        found.append(
            f"Beside them {counted_as(levels['measured'], 'outage was', 'outages were')} measured that nobody has "
            "claimed: power cuts, broken cables and shutdowns that nobody told of."
        )
    return found


def counted_as(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _row(shutdown: Shutdown, evidence: Mapping[str, Evidence], country: str | None) -> dict[str, Any]:
    return {
        "id": shutdown.id,
        "when": when(shutdown),
        "country": None if country is not None else geography.country_place(shutdown.country).name,
        "place": "the whole country" if shutdown.place.kind == "country" else shutdown.place.name,
        "level": shutdown.level,
        "extent": shutdown.extent or "not said",
        "duration": duration_of(shutdown),
        "trigger": trigger_of(shutdown, evidence),
        "happened": _share(shutdown.happened),
        "on_purpose": _share(shutdown.on_purpose),
        "explanations": [_explanation(one) for one in shutdown.explanations],
        "campaign": shutdown.campaign,
        "common_drops": list(shutdown.common_drops),
        "signals": ", ".join(shutdown.signals),
        "protests": shutdown.protests,
        "why": " ".join(reason.words for reason in own_reasons(shutdown)[:2]),
        "links": references(shutdown)[:6],
        "flags": ", ".join(shutdown.flags),
    }


def _share(share: float | None) -> str:
    return "" if share is None else share_words(share)


def _explanation(one: Explanation) -> dict[str, str | None]:
    link = one.reference if one.reference and one.reference.startswith(("http://", "https://")) else None
    return {"words": explained(one), "link": link}
