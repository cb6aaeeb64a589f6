"""What answers each path. All of it reads; only `posting` writes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from streams import geography
from streams.api import atom, queries
from streams.api.answers import Answer, Kept, respond
from streams.api.feed import Feed
from streams.api.formats import CSV, GEOJSON, JSON, as_csv, as_geojson, as_json, feature, negotiate
from streams.api.guard import Limits
from streams.api.limits import Digests
from streams.api.problems import Problem
from streams.api.queries import FILTER, Filter, demand_known, matching, read_filter, read_limit
from streams.api.signals import signals
from streams.api.state import Entry, State
from streams.api.stream import Follower
from topics import SHUTDOWN_CHANGES, Shutdown, ShutdownChange, decode, encode

EVENT_STREAM = "text/event-stream"
ATOM = "application/atom+xml"

#: Changes in the feed, and places found for a name.
IN_FEED = 100
PLACES = 20

DAY_S = 86_400

#: A timeline has so many bins at most: a screen has not many more points.
MOST_BINS = 400

#: The API's words for a shutdown that isn't there.
_NO_SHUTDOWN = "there is no shutdown with this id; /shutdowns lists them"

_ALL_STATUSES = frozenset(queries.STATUSES)


@dataclass(slots=True)
class Handlers:
    """The handlers, over one state."""

    state: State
    feed: Feed | None
    limits: Limits
    digests: Digests = field(default_factory=Digests)
    kept: Kept = field(default_factory=Kept)
    following: int = 0
    #: How many of them each client has, by its digest of the day.
    followers: Counter[bytes] = field(default_factory=Counter)

    def _kept(self, request: Request, media_type: str, make: Callable[[], bytes], **headers: str) -> Response:
        """An answer that holds until something changes."""
        return self._answered(request, media_type, lambda: Answer(make(), media_type, headers))

    def _answered(self, request: Request, variant: str, make: Callable[[], Answer]) -> Response:
        """The same where headers depend on the body; `variant` is what it depends on besides the address."""
        question = f"{variant} {request.url.path}?{request.url.query}"
        return respond(request, self.kept.get(self.state.version, question, make))

    def _entry(self, request: Request) -> Entry:
        entry = self.state.entries.get(request.path_params["id"])
        if entry is None:
            raise Problem(404, _NO_SHUTDOWN)
        return entry

    async def shutdowns(self, request: Request) -> Response:
        """`/shutdowns`."""
        params = request.query_params
        demand_known(params, (*FILTER, "limit", "cursor", "format"))
        media_type = negotiate(request, (JSON, GEOJSON, CSV))
        wanted, limit = read_filter(params), read_limit(params)
        after = queries.read_cursor(params.get("cursor"))

        def make() -> Answer:
            page = queries.page(self.state, wanted, after, limit)
            following = None
            if page.next is not None:
                query = request.url.include_query_params(cursor=page.next).query
                following = f"{request.url.path}?{query}"
            headers = {} if following is None else {"link": f'<{following}>; rel="next"'}
            if media_type == CSV:
                body = as_csv(entry.shutdown for entry in page.entries)
            else:
                body = (as_json if media_type == JSON else as_geojson)(page.entries, following)
            return Answer(body, media_type, headers)

        return self._answered(request, media_type, make)

    async def shutdown(self, request: Request) -> Response:
        """`/shutdowns/{id}`."""
        demand_known(request.query_params, ("format",))
        one = self._entry(request).shutdown
        media_type = negotiate(request, (JSON, GEOJSON, CSV))
        makers: dict[str, Callable[[], bytes]] = {
            JSON: partial(encode, one),
            GEOJSON: lambda: feature(one, encode(one)),
            CSV: lambda: as_csv([one]),
        }
        links = {"link": f'</shutdowns/{one.merged_into}>; rel="successor-version"'} if one.merged_into else {}
        return self._kept(request, media_type, makers[media_type], **links)

    async def history(self, request: Request) -> Response:
        """`/shutdowns/{id}/history`: every revision, the oldest first."""
        demand_known(request.query_params, ("after", "limit"))
        one = self._entry(request).shutdown
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit()) or len(after) > 9:
            raise Problem(400, "after: the number of a revision", parameter="after")
        limit = read_limit(request.query_params)
        rows = self.state.store.history(one.id, int(after), limit)
        body = b'{"changes":[%b]}' % b",".join(rows)
        return respond(request, Answer(body, JSON))

    async def evidence(self, request: Request) -> Response:
        """`/shutdowns/{id}/evidence`: the pieces it stands on, what else may explain it, and common drops.

        Pieces are whole; null where only their summary may be told. What one person reported is never told by
        itself: `evidence` is no public topic.
        """
        demand_known(request.query_params, ())
        one = self._entry(request).shutdown
        drops = [ident for name in one.common_drops if (ident := self.state.common_drop(name, one.country))]
        whole = self.state.store.evidence([*_told(one), *drops])
        rows = (_row("support", piece, whole.get(piece.id)) for piece in one.evidence)
        explanations = (_row("explanation", other, whole.get(other.id)) for other in one.explanations)
        body = b'{"evidence":[%b],"explanations":[%b],"common_drops":[%b]}' % (
            b",".join(rows),
            b",".join(explanations),
            b",".join(whole[ident] for ident in drops if ident in whole),
        )
        return respond(request, Answer(body, JSON))

    async def signals(self, request: Request) -> Response:
        """`/shutdowns/{id}/signals`: the series of its place against their baselines."""
        demand_known(request.query_params, ())
        one = self._entry(request).shutdown
        return respond(request, Answer(signals(self.state.store, one), JSON))

    async def incidents(self, request: Request) -> Response:
        """`/incidents`: the shutdowns of a country that belong together, under one id."""
        demand_known(request.query_params, (*FILTER, "limit"))
        wanted, limit = read_filter(request.query_params), read_limit(request.query_params)

        def make() -> bytes:
            groups: dict[str, list[Shutdown]] = {}
            for entry in matching(self.state, wanted):
                groups.setdefault(entry.shutdown.incident, []).append(entry.shutdown)
            return orjson.dumps({"incidents": [_incident(*one) for one in list(groups.items())[:limit]]})

        return self._kept(request, JSON, make)

    async def incident(self, request: Request) -> Response:
        """`/incidents/{id}`: its shutdowns, whole."""
        demand_known(request.query_params, ())
        ident = request.path_params["id"]
        found = [entry.shutdown for entry in matching(self.state, Filter(incidents=frozenset({ident})))]
        if not found:
            raise Problem(404, "there is no incident with this id; /incidents lists them")
        content = {**_incident(ident, found), "shutdowns": [msgspec.to_builtins(one) for one in found]}
        return self._kept(request, JSON, lambda: orjson.dumps(content))

    async def candidates(self, request: Request) -> Response:
        """`/candidates`: what fell short of a shutdown by one condition."""
        params = request.query_params
        demand_known(params, ("country", "from", "until", "limit"))
        wanted, limit = read_filter(params), read_limit(params)

        def make() -> bytes:
            found = [
                one
                for one in self.state.candidates.values()
                if one.standing
                and (not wanted.countries or one.country in wanted.countries)
                and one.from_s < wanted.until_s
                and (one.until_s is None or one.until_s > wanted.from_s)
            ]
            found.sort(key=lambda one: (-one.from_s, one.id))
            return b'{"candidates":[%b]}' % b",".join(encode(one) for one in found[:limit])

        return self._kept(request, JSON, make)

    async def places(self, request: Request) -> Response:
        """`/places?q=`: places by a name in any script."""
        params = request.query_params
        demand_known(params, ("q", "country"))
        text = params.get("q", "").strip()
        if not text:
            raise Problem(400, "q: the name of a place", parameter="q")
        code = geography.country_code(params["country"]) if params.get("country") else None
        if params.get("country") and code is None:
            raise Problem(400, "country: no country of that name or code", parameter="country")
        found = [msgspec.to_builtins(place) | {"key": place.key} for place in _places(text, code)[:PLACES]]
        return respond(request, Answer(orjson.dumps({"places": found}), JSON, cache="max-age=3600"))

    async def stream(self, request: Request) -> Response:
        """`/stream`: server-sent events."""
        params = request.query_params
        demand_known(params, (*FILTER, "since", "short"))
        wanted = read_filter(params, _ALL_STATUSES)
        since = request.headers.get("last-event-id") or params.get("since")
        short = params.get("short", "") not in ("", "0", "false")
        if self.following >= self.limits.streams:
            raise Problem(503, "as many as can follow the stream do so", headers={"retry-after": "30"})
        client = self.digests.of(request.client.host if request.client else "")
        if self.followers[client] >= self.limits.streams_per_client:
            words = f"you follow the stream {self.limits.streams_per_client} times already"
            raise Problem(429, words, headers={"retry-after": "30"})
        try:
            follower = Follower(self.state, wanted, "" if since == "start" else since, short=short)
        except ValueError as error:
            raise Problem(400, f"Last-Event-ID: {error}", parameter="since") from None

        async def events() -> Any:
            self.following += 1
            self.followers[client] += 1
            try:
                async for chunk in follower.run():
                    yield chunk
            finally:
                self.following -= 1
                self.followers[client] -= 1
                if not self.followers[client]:
                    del self.followers[client]

        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        return StreamingResponse(events(), 200, headers, EVENT_STREAM)

    async def atom(self, request: Request) -> Response:
        """`/feed.atom`: the newest changes."""
        demand_known(request.query_params, FILTER)
        wanted = read_filter(request.query_params, _ALL_STATUSES)
        base = str(request.base_url).rstrip("/")

        def make() -> bytes:
            newest: Iterable[ShutdownChange] = (
                decode(SHUTDOWN_CHANGES, body, 2**31) for body in self.state.store.newest_changes(10 * IN_FEED)
            )
            return atom.feed([one for one in newest if wanted.takes(one.shutdown)][:IN_FEED], base)

        return self._answered(request, base, lambda: Answer(make(), ATOM))

    async def stats(self, request: Request) -> Response:
        """`/stats`: how many there are, by level, status, country, scope and year."""
        demand_known(request.query_params, FILTER)
        wanted = read_filter(request.query_params)

        def make() -> bytes:
            found = [entry.shutdown for entry in matching(self.state, wanted)]
            counts: dict[str, Counter[str]] = {name: Counter() for name in ("level", "status", "country", "scope")}
            years: Counter[str] = Counter()
            for one in found:
                for name, count in counts.items():
                    count[getattr(one, name)] += 1
                years[str(dt.datetime.fromtimestamp(one.from_s, dt.UTC).year)] += 1
            content = {"shutdowns": len(found), "incidents": len({one.incident for one in found})}
            content |= {"open": counts["status"]["open"]}
            return orjson.dumps(
                content
                | {f"by_{name}": dict(sorted(count.items())) for name, count in counts.items()}
                | {"by_year": dict(sorted(years.items()))}
            )

        return self._kept(request, JSON, make)

    async def timeline(self, request: Request) -> Response:
        """`/timeline`: how many began when, by level: days, or longer stretches where there are too many days."""
        demand_known(request.query_params, FILTER)
        wanted = read_filter(request.query_params)

        def make() -> bytes:
            found = [entry.shutdown for entry in matching(self.state, wanted)]
            days = [one.from_s // DAY_S for one in found]
            first, last = (min(days), max(days)) if days else (0, -1)
            length = max(1, -(-(last - first + 1) // MOST_BINS))
            bins = -(-(last - first + 1) // length)
            counts = {level: [0] * bins for level in queries.LEVELS}
            for one, day in zip(found, days, strict=True):
                counts[one.level][(day - first) // length] += 1
            return orjson.dumps({"from_s": first * DAY_S, "bin_s": length * DAY_S, "counts": counts})

        return self._kept(request, JSON, make)

    async def healthz(self, _: Request) -> Response:
        """`/healthz`: the process answers."""
        return Response(b'{"status":"alive"}', media_type=JSON)

    async def readyz(self, _: Request) -> Response:
        """`/readyz`: everything that was on the topics at the start has been read, and Kafka answers."""
        waiting = await self.feed.waiting() if self.feed is not None else []
        if waiting:
            raise Problem(503, "; ".join(waiting), headers={"retry-after": "1"})
        content = {
            "status": "ready",
            "shutdowns": len(self.state.entries),
            "changes": self.state.store.newest,
            "following": self.following,
            "unreadable": self.state.unreadable,
        }
        return Response(orjson.dumps(content), media_type=JSON)


def _told(shutdown: Shutdown) -> list[str]:
    """Ids of the pieces that may be told whole. No explanation is of an individual."""
    told = [piece.id for piece in shutdown.evidence if piece.reporter != "individual"]
    return [*told, *(other.id for other in shutdown.explanations)]


def _row(name: str, record: msgspec.Struct, piece: bytes | None) -> bytes:
    return b'{"%b":%b,"piece":%b}' % (name.encode(), encode(record), piece or b"null")


def _incident(ident: str, found: list[Shutdown]) -> dict[str, Any]:
    ends = [one.until_s for one in found]
    return {
        "id": ident,
        "country": found[0].country,
        "from_s": min(one.from_s for one in found),
        "until_s": None if None in ends else max(end for end in ends if end is not None),
        "levels": dict(sorted(Counter(one.level for one in found).items())),
        "places": sorted({one.place.name for one in found}),
        "shutdowns": [one.id for one in found],
    }


def _places(text: str, country: str | None) -> list[Any]:
    if country is not None:
        exact = geography.find_place(text, country)
        if exact is not None:
            return [exact]
    reading = geography.find_places(text, country)
    found = [one for named in reading.places for one in (named.place, *named.alternatives)]
    found += [one.place for one in reading.countries if country is None]
    return list({place.key: place for place in found}.values())
