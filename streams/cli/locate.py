"""`shutdowns locate`: the places that a text names, as a table, JSON or a map."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from streams import geography
from streams.cli.options import country_code
from topics import Place

_SCOPES = {
    "nationwide": "all of the country",
    "region": "a region or several",
    "city": "a city or several",
    None: "none named",
}


class PlaceRow(msgspec.Struct, kw_only=True):
    """A place named in the text, as `--json` prints it. `start` and `end` count characters from 0."""

    name: str
    start: int
    end: int
    key: str
    kind: str
    excepted: bool
    confidence: float
    place: Place
    alternatives: list[str]


class TextRow(msgspec.Struct, kw_only=True):
    """What a text says of places, as `--json` prints it."""

    text: str
    scope: str | None
    unspecified: bool
    left_out: list[str]
    places: list[PlaceRow]


@click.command()
@click.argument("text", nargs=-1)
@click.option(
    "--country", metavar="CODE|NAME", callback=country_code, help="Only places in it; decides between namesakes."
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one a text.")
@click.option(
    "--map",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.png",
    help="Draw the places, with their uncertainty (PNG or SVG).",
)
def locate(text: tuple[str, ...], country: str | None, as_json: bool, picture: Path | None) -> None:
    """Find the places that TEXT names, in the languages that reports come in.

    Several TEXTs are read one by one; without any, each line of standard input is. Countries, regions and cities
    are found by their names of today and before, in any case they stand in, with how sure it is and what else the
    name could mean. "Nationwide", "except …" and "several cities" are told too.

    \b
    shutdowns locate "в Алматы и Нур-Султане нет интернета"
    shutdowns locate "Sopore town, Jammu and Kashmir" --country India --map out.png
    shutdowns locate --json < reports.txt
    """
    texts = text or tuple(line.rstrip("\n") for line in sys.stdin if line.strip())
    readings = [geography.find_places(one, country) for one in texts]
    if as_json:
        for one, reading in zip(texts, readings, strict=True):
            sys.stdout.buffer.write(orjson.dumps(msgspec.to_builtins(_row(one, reading))) + b"\n")
        sys.stdout.flush()
    else:
        console = Console()
        for one, reading in zip(texts, readings, strict=True):
            if len(texts) > 1:
                console.print(one, style="bold", highlight=False)
            _show(console, reading)
    if picture is not None:
        from streams.plots.places import draw

        draw(picture, [found for reading in readings for found in reading])
        Console(stderr=True).print(f"drawn: {picture}", highlight=False)


def _row(text: str, reading: geography.Reading) -> TextRow:
    named = [(found, False) for found in reading] + [(found, True) for found in reading.exceptions]
    return TextRow(
        text=text,
        scope=reading.scope,
        unspecified=reading.unspecified,
        left_out=list(reading.left_out),
        places=[
            PlaceRow(
                name=found.name,
                start=found.start,
                end=found.end,
                key=found.key,
                kind=found.kind,
                excepted=excepted,
                confidence=found.confidence,
                place=found.place,
                alternatives=[other.key for other in found.alternatives],
            )
            for found, excepted in sorted(named, key=lambda one: one[0].start)
        ],
    )


def _show(console: Console, reading: geography.Reading) -> None:
    if len(reading) or reading.exceptions:
        console.print(_table(reading))
    for found in reading:
        if found.alternatives:
            others = "; ".join(_called(other) for other in found.alternatives[:3])
            console.print(f"{found.name} may also be {others}", style="dim", highlight=False)
    line = f"scope: {_SCOPES[reading.scope]}"
    if reading.left_out:
        line += f"; left out: {', '.join(reading.left_out)}"
    if reading.unspecified:
        line += "; some places are not named"
    console.print(line, style="dim", highlight=False)


def _table(reading: geography.Reading) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("as written", "place", "kind", "key", "where", "sure"):
        table.add_column(
            name, justify="right" if name == "sure" else "left", no_wrap=name not in ("as written", "place")
        )
    for found in sorted((*reading, *reading.exceptions), key=lambda one: one.start):
        excepted = found in reading.exceptions
        table.add_row(
            f"{'not ' if excepted else ''}{found.name}",
            found.place.name,
            found.kind + (" (part of)" if found.place.approximate else ""),
            found.key,
            _where(found.place),
            f"{found.confidence:.0%}",
            style="strike dim" if excepted else None,
        )
    return table


def _where(place: Place) -> str:
    """The point and its uncertainty, as people write them."""
    if place.latitude is None or place.longitude is None:
        return ""
    north, east = ("N" if place.latitude >= 0 else "S"), ("E" if place.longitude >= 0 else "W")
    point = f"{abs(place.latitude):.2f}°{north} {abs(place.longitude):.2f}°{east}"
    return f"{point} ±{place.radius_km:.0f} km" if place.kind == "city" else point


def _called(place: Place) -> str:
    from streams.geography.finding import region_place

    around = region_place(place.region) if place.kind == "city" and place.region else None
    return f"{place.name} ({around.name + ', ' if around else ''}{place.country})"
