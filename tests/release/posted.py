"""Reports as people post them at the form, and records that only somebody with its password could write."""

from __future__ import annotations

from msgspec.structs import replace

from streams.sources.posted import read_posted
from topics import Origin, Report, Reporter

#: A quarter past eight, UTC.
QUARTER_S = 1_614_500_100
SALT = b"a salt for the tests alone"


def post(person: int, **fields: str) -> Report:
    """What the form makes of a post by a person of Atyrau."""
    given = {
        "country": "KZ",
        "place": "Atyrau",
        "start": "2021-02-28T14:00",
        "author": f"person {person}",
        **fields,
    }
    return read_posted(given, received_s=QUARTER_S, salt=SALT, secret=f"{person:032x}").report


#: Records that are no report of one person at the form, by what they would do.
FORGED: dict[str, Report] = {
    "withdraws another source's report": replace(
        post(1), id="stop/KZ/2021-02-28/1", origin=Origin(source="access-now-stop"), withdrawn=True
    ),
    "is of another source": replace(post(1), origin=Origin(source="netblocks")),
    "has the id of another source's report": replace(post(1), id="stop/KZ/2021-02-28/1"),
    "speaks for a government": replace(post(1), reporter=Reporter(kind="government", name="Ministry of Truth")),
    "speaks for an organisation": replace(post(1), reporter=Reporter(kind="organisation", name="Access Now")),
    "can't be corrected any more": replace(post(1), revision=QUARTER_S * 1000),
}
