"""Changepoints of OONI's event detector -> evidence of blocked services: answers of `/detector/changepoints`.

The detector (CUSUM over hourly observations) says of a network, a domain and a kind of blocking when the belief in
it went `up` and when `down` again. What went up is `blocking/1` from then on; its end is the next `down` of the
same. A `down` whose `up` lies before the answer tells of nothing that is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from streams.errors import UNREADABLE
from streams.geography import country_code
from streams.pipeline import measured_place
from streams.sources.entities import network
from streams.sources.payloads import decoded, documents
from streams.sources.points import moment
from streams.sources.rows import Accepted, Refusal, Rejected, Row
from topics import EVIDENCE, Blocking, Entity, Origin, service_code
from topics.base import Whole

SOURCE = LINEAGE = "ooni"

#: Kinds of blocking: what fails then, and which measure of an answer says how much.
METHODS = {
    "dns_isp_block": ("dns", "dns_isp_blocked"),
    "dns_other_block": ("dns", "dns_other_blocked"),
    "tcp_block": ("tcp", "tcp_blocked"),
    "tls_block": ("tls", "tls_blocked"),
}

#: Hours are what the detector looks at.
UNCERTAINTY_S = 3_600


class Answer(msgspec.Struct):
    results: list[msgspec.Raw]


class Item(msgspec.Struct):
    probe_asn: int | str
    probe_cc: str
    domain: str
    start_time: str
    block_type: str
    change_dir: str | None = None
    count: Whole | None = None
    dns_isp_blocked: float | None = None
    dns_other_blocked: float | None = None
    tcp_blocked: float | None = None
    tls_blocked: float | None = None


_ANSWER, _ITEM = msgspec.json.Decoder(Answer), msgspec.json.Decoder(Item)


@dataclass(frozen=True, slots=True)
class Changepoint:
    """A change of the belief that a domain is blocked in a network. `share` is that belief, 0 to 1, of `tests`."""

    country: str
    asn: str
    domain: str
    kind: str
    time_s: int
    direction: Literal["up", "down"]
    share: float
    tests: int

    @property
    def key(self) -> str:
        """What it is a change of: `AS8048/twitter.com/tcp_block`."""
        return f"AS{self.asn}/{self.domain}/{self.kind}"


def read(path: Path) -> Iterator[Row]:
    """The blocking that a file of answers tells of.

    Raises:
        SourceError: the file is no such answer, or can't be read.
    """
    told: list[tuple[int, Changepoint]] = []
    before = 0
    for line, raw in documents(path):
        items = listed(raw, f"{path}, line {line}")
        for number, item in enumerate(items, before + 1):
            try:
                told.append((number, changepoint(item)))
            except Refusal as refusal:
                yield refusal.at(number)
        before += len(items)
    yield from spells(told)


def listed(raw: bytes, where: str) -> list[bytes]:
    """The changepoints of an answer.

    Raises:
        PayloadError: it is none.
    """
    return [bytes(item) for item in decoded(raw, _ANSWER, where).results]


def changepoint(raw: bytes) -> Changepoint:
    """Read a changepoint.

    Raises:
        Refusal: a field is missing or makes no sense.
    """
    try:
        item = _ITEM.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)[:80]) from None
    country, asn = country_code(item.probe_cc), network(str(item.probe_asn))
    if country is None or len(item.probe_cc) != 2:
        raise Refusal("unknown country", item.probe_cc[:80])
    if asn in (None, "0"):
        raise Refusal("no network", str(item.probe_asn)[:80])
    if not item.domain.strip():
        raise Refusal("no domain", f"AS{asn}")
    direction = item.change_dir
    if direction not in ("up", "down"):
        raise Refusal("no direction of the change", str(direction)[:80])
    measure = METHODS.get(item.block_type, ("", ""))[1]
    known = [
        value
        for name in ("dns_isp_blocked", "dns_other_blocked", "tcp_blocked", "tls_blocked")
        if (value := getattr(item, name)) is not None and (not measure or name == measure)
    ]
    return Changepoint(
        country=country,
        asn=str(asn),
        domain=item.domain.strip().casefold()[:200],
        kind=item.block_type[:40] or "block",
        time_s=moment(item.start_time),
        direction="up" if direction == "up" else "down",
        share=min(1.0, max(0.0, max(known, default=0.0))),
        tests=max(0, item.count or 0),
    )


def spells(told: Iterable[tuple[int, Changepoint]]) -> Iterator[Row]:
    """The blocking between changepoints: a row for each `up`, numbered as it, and each `down` that ends none."""
    by_key: dict[tuple[str, str], list[tuple[int, Changepoint]]] = {}
    for number, point in told:
        by_key.setdefault((point.country, point.key), []).append((number, point))
    found: list[Row] = []
    for points in by_key.values():
        going_on: tuple[int, Changepoint] | None = None
        for number, point in sorted(points, key=lambda one: (one[1].time_s, one[1].direction == "up", one[0])):
            if point.direction == "up":
                going_on = going_on or (number, point)
            elif going_on is None:
                found.append(Rejected(number, "the end of blocking whose begin is not in it", point.key[:80]))
            else:
                found.append(Accepted(going_on[0], EVIDENCE, blocking(going_on[1], point.time_s)))
                going_on = None
        if going_on is not None:
            found.append(Accepted(going_on[0], EVIDENCE, blocking(going_on[1], None)))
    yield from sorted(found, key=lambda row: row.number)


def blocking(began: Changepoint, until_s: int | None) -> Blocking:
    """The blocking that began with a changepoint. What is over came after what was going on: it has the higher
    revision, whichever answer is read first."""
    place = measured_place(Entity(type="asn", code=began.asn), began.country)
    assert place is not None
    return Blocking(
        id=f"ooni-changepoint/{began.country}/{began.key}/{began.time_s}",
        origin=Origin(source=SOURCE, reference="OONI (CC BY 4.0), /detector/changepoints"),
        country=began.country,
        place=place,
        from_s=began.time_s,
        until_s=until_s,
        from_uncertainty_s=UNCERTAINTY_S,
        until_uncertainty_s=UNCERTAINTY_S,
        lineage=LINEAGE,
        revision=0 if until_s is None else 1,
        series=f"ooni/asn/{began.asn}/{began.domain}/{began.kind}"[:300],
        service=service_code(began.domain),
        domain=began.domain,
        method=METHODS.get(began.kind, (began.kind, ""))[0],
        share=round(began.share, 6),
        tests=began.tests,
    )
