"""`candidates`: what fell short of a shutdown's conditions by one of them. Nothing is concluded from it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Country, Identifier, Record, Signed, Time, Topic, Whole
from topics.evidence import Precision
from topics.place import Place
from topics.shutdowns import Support

#: The condition that is not met. `time`: a claim and an outage of one place, too far apart in time; `place`: of one
#: time, in places that don't touch; `lineage`: the claim repeats the measurement; `extent`: what is claimed is no
#: cut of connectivity, and one dropped; `depth`: the series dropped, for less than an outage; `individuals`: too
#: few people for their reports to be shown.
Condition = Literal["time", "place", "lineage", "extent", "depth", "individuals"]


class Candidate(Record, frozen=True, kw_only=True, tag_field="schema", tag="candidate/1"):
    """A near miss: all conditions of a corroborated shutdown but one, which is named.

    Like a shutdown's, its content depends on the evidence alone. One that stands no longer, because its evidence
    became part of something or was withdrawn, is given out once more with `standing` false.
    """

    id: Annotated[Identifier, msgspec.Meta(description="made from the condition and the evidence")]
    revision: Annotated[Whole, msgspec.Meta(ge=1, description="counts the changes of this id, from 1")]
    digest: Annotated[str, msgspec.Meta(description="SHA-256 of the content without `revision`, 32 hex digits")]
    standing: Annotated[bool, msgspec.Meta(description="whether it still falls short")] = True
    country: Country
    place: Annotated[Place, msgspec.Meta(description="where it is claimed; only the region, of individuals")]
    from_s: Time
    until_s: Time | None
    precision: Precision
    condition: Annotated[Condition, msgspec.Meta(description="the condition that is not met")]
    rule: Annotated[str, msgspec.Meta(description="id and version of the rule that sets the condition")]
    words: Annotated[str, msgspec.Meta(description="what fell short of what, in a sentence")]
    short_s: Annotated[Signed | None, msgspec.Meta(description="seconds beyond the window")] = None
    short_km: Annotated[float | None, msgspec.Meta(description="km between the two places")] = None
    evidence: Annotated[tuple[Support, ...], msgspec.Meta(description="the pieces that almost agree")] = ()
    rules: Annotated[str, msgspec.Meta(description="hash of the rule set that concluded this")]


def candidate_key(record: Candidate) -> str:
    return record.id


CANDIDATES = Topic(
    name="candidates",
    records=(Candidate,),
    summary="Near misses: what fell short of a shutdown by one condition.",
    key_words="the candidate's id",
    key=candidate_key,
    event_time="`from_s` to `until_s`",
    cleanup="compact",
)
