"""What it costs to make up a shutdown by the form: posts, clients and time, and the level that they come to.

Each attack goes through the form's own server, its limits included, through the release to `reports` and through
the stages. `python -m benchmarks.forged_posts` prints the table of docs/THREATS.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.testclient import TestClient

from streams.api import problems
from streams.api.limits import Buckets, Bursts, Digests
from streams.api.posting import BURST, EVERY_S, Posting
from streams.api.problems import Problem
from streams.geography import find_places
from streams.geography.finding import region_place
from streams.pipeline import Offline
from topics import EVIDENCE, FORM_REPORTS, Origin, Outage, Report, encode

#: 28 February 2021, 14:00 in Atyrau: when the cut that is made up begins, and a true one where there is one.
BEGIN_S = 1_614_502_800
FORM = {"country": "KZ", "place": "Atyrau", "start": "2021-02-28T14:00"}

_WORDS = "Nothing loads here since two in the afternoon, neither at home nor on the phone, in all of {}"


@dataclass(frozen=True, slots=True)
class Post:
    """One request: from which client, so many minutes after the first, with these fields besides `FORM`."""

    client: int
    minute: float = 0.0
    fields: Mapping[str, str] = field(default_factory=dict)


def posts(
    count: int,
    clients: int,
    every_min: float = 0.0,
    *,
    authors: bool = True,
    text: str = "",
    place: str = "",
) -> tuple[Post, ...]:
    """So many posts by turns from so many clients; `{}` in a text becomes another word each time."""
    found = []
    for number in range(count):
        fields = {"author": f"person {number}"} if authors else {}
        fields |= {"text": text.format(f"street {number}")} if text else {}
        fields |= {"place": place} if place else {}
        found.append(Post(number % clients, number * every_min, fields))
    return tuple(found)


ATTACKS: dict[str, tuple[Post, ...]] = {
    "as nobody in particular": posts(100, 1, 0.5, authors=False),
    "as nobody in particular, from many clients": posts(100, 100, authors=False),
    "as 20 people at once, from one client": posts(20, 1),
    "as three people of three towns of a region, from one client": tuple(
        replace(post, fields={**post.fields, "place": place})
        for post, place in zip(posts(3, 1), ("Atyrau", "Kulsary", "Makat"), strict=True)
    ),
    "as two people, from two clients": posts(2, 2),
    "as three people, from one client, a quarter of an hour apart": posts(3, 1, 15),
    "as three people, from three clients": posts(3, 3),
    "as three people who copy one text": posts(3, 3, text=_WORDS.replace("{}", "town")),
    "as three people with nearly one text": posts(3, 3, text=_WORDS),
    "as thirty people, from thirty clients": posts(30, 30),
    "as thirty people of the whole country": posts(30, 30, place="whole country"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What an attack took, and what stands after it: level and `happened`, without and with an outage measured."""

    posts: int
    clients: int
    minutes: float
    made_up: str
    measured: str


def cost(attack: tuple[Post, ...]) -> Cost:
    """Play an attack."""
    taken = list(_taken(attack))
    last = max(post.minute for post in attack)
    return Cost(
        len(attack),
        len({post.client for post in attack}),
        last,
        _comes_to(taken, measured=False),
        _comes_to(taken, measured=True),
    )


def table() -> str:
    """All attacks, as Markdown."""
    lines = ["| posts | number | clients | minutes | nothing was measured | an outage was measured |"]
    lines.append("|---|---|---|---|---|---|")
    for name, attack in ATTACKS.items():
        one = cost(attack)
        lines.append(
            f"| {name} | {one.posts} | {one.clients} | {one.minutes:.0f} | {one.made_up} | {one.measured} |"
        )
    return "\n".join([*lines, f"| none | 0 | 0 | 0 | nothing | {_comes_to([], measured=True)} |"]) + "\n"


def _taken(attack: tuple[Post, ...]) -> Iterator[Report]:
    """What the form's server takes of it."""
    now = [0.0]
    taken: list[Report] = []

    async def publish(report: Report) -> None:
        taken.append(report)

    posting = Posting(
        publish,
        b"a salt of the benchmark alone",
        Digests(lambda: now[0]),
        lambda: BEGIN_S + 1800 + now[0],
        Bursts(lambda: now[0]),
        Buckets(1 / EVERY_S, BURST, lambda: now[0]),
    )
    app = Starlette(
        routes=[Route("/reports", posting.post_json, methods=["POST"])],
        exception_handlers={Problem: problems.on_problem, HTTPException: problems.on_http},
    )
    for post in attack:
        now[0] = post.minute * 60
        client = TestClient(app, client=(f"192.0.2.{post.client}", 50_000))
        answer = client.post("/reports", json={**FORM, **post.fields})
        if answer.status_code not in (201, 429):
            raise RuntimeError(f"the form answered {answer.status_code}: {answer.text}")
    yield from taken


def _comes_to(taken: list[Report], *, measured: bool) -> str:
    offline = Offline(BEGIN_S + 86_400)
    for report in taken:
        offline.add(FORM_REPORTS.name, encode(report))
    if measured:
        offline.add(EVIDENCE.name, encode(_outage()))
    found = offline.shutdowns()
    if offline.rejected:
        raise RuntimeError(f"not taken: {offline.rejected[0]}")
    if not found:
        return "nothing"
    best = max(found, key=lambda one: one.happened)
    return f"{best.level}, {best.happened:.2f}"


@cache
def _outage() -> Outage:
    """A true one, of three hours, in the region of the town."""
    town = find_places("Atyrau", "KZ").places[0].place
    place = region_place(town.region or "")
    assert place is not None
    return Outage(
        id="outage/ioda/atyrau",
        origin=Origin(source="ioda"),
        country="KZ",
        place=place,
        from_s=BEGIN_S,
        until_s=BEGIN_S + 3 * 3600,
        lineage="ioda",
        signals=("ping-slash24",),
        series="ioda/atyrau",
    )


if __name__ == "__main__":
    print(table(), end="")
