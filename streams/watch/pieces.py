"""A group of drops as evidence: one piece for each country that it concerns."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from streams.geography import country_place
from streams.watch.grouping import Group, Member
from topics import CommonDrop, Origin

#: What this stage's pieces name as their source, and how their ids begin.
SOURCE = "watch"
BEGINS = "common-drop/"


def changed(before: Group | None, now: Group | None, revision: int) -> Iterator[CommonDrop]:
    """Yield the pieces of a group that differ from what was given out, and those to be withdrawn.

    A piece that is withdrawn says nothing but that: after a crash, in batches of other sizes, the rest of it may be
    what another revision said.
    """
    given, said = _pieces(before), _pieces(now)
    for country in sorted(given.keys() | said.keys()):
        if country not in said:
            yield replace(given[country], revision=revision, withdrawn=True)
        elif given.get(country) != said[country]:
            yield replace(said[country], revision=revision)


def _pieces(group: Group | None) -> dict[str, CommonDrop]:
    """The pieces of a group by country, all of revision 0."""
    if group is None:
        return {}
    countries = tuple(member.country for member in group.members)
    return {member.country: _piece(group, member, countries) for member in group.members}


def _piece(group: Group, member: Member, countries: tuple[str, ...]) -> CommonDrop:
    return CommonDrop(
        id=f"{BEGINS}{group.drop}/{member.country}",
        origin=Origin(source=SOURCE),
        country=member.country,
        place=country_place(member.country),
        from_s=member.from_s,
        until_s=member.until_s,
        lineage=group.drop,
        known_s=max((one.known_s for one in group.members if one.known_s is not None), default=None),
        verdict=group.verdict,
        drop=group.drop,
        signals=group.signals,
        source=group.source,
        countries=countries,
    )
