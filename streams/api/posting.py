"""The form at `/report`: the only thing that this API takes in. What it keeps of a sender: nothing.

A post becomes a record of `reports` by `streams.sources.posted.read_posted`, which drops whatever tells who wrote.
Here the times are coarsened, and floods are held off by a bucket of tokens for each client, known as a digest of
its address that is kept in memory and means nothing the next day (`streams.api.limits`). Posts of one client that
come close together weigh as one person's.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import time
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import orjson
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from streams.api.limits import Buckets, Bursts, Digests
from streams.api.problems import Problem
from streams.sources.posted import Posted, PostedError, read_posted
from topics import Report

#: Times are kept to so many seconds: nobody can be told by when they pressed a button.
COARSE_S = 900

#: A client may post so many reports at once, and one more every so many seconds. Behind one address of Tor or of
#: a mobile operator are many.
BURST, EVERY_S = 20, 30.0

#: Services to choose from, by the names that reports have for them.
SERVICES = (
    ("whatsapp", "WhatsApp"),
    ("telegram", "Telegram"),
    ("facebook", "Facebook"),
    ("instagram", "Instagram"),
    ("youtube", "YouTube"),
    ("tiktok", "TikTok"),
    ("signal", "Signal"),
    ("twitter", "X (Twitter)"),
)

_CLOCK = re.compile(r"T(\d{2}):(\d{2})(:\d{2})?")
_HERE = Path(__file__).parent

Publish = Callable[[Report], Awaitable[None]]


class PublishingError(Exception):
    """A report did not get onto the topic."""


@cache
def words() -> dict[str, dict[str, str]]:
    """The form's words by language."""
    return tomllib.loads((_HERE / "report_words.toml").read_text(encoding="utf-8"))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")


@dataclass(slots=True)
class Posting:
    """The form's handlers. `publish` puts a report on its topic and returns when it is safe there."""

    publish: Publish | None
    salt: bytes
    digests: Digests
    clock: Callable[[], float] = time.time
    bursts: Bursts = field(default_factory=Bursts)
    _buckets: Buckets = field(default_factory=lambda: Buckets(1 / EVERY_S, BURST))

    async def form(self, request: Request) -> Response:
        """`GET /report`."""
        return _page(_language(request), 200)

    async def post_form(self, request: Request) -> Response:
        """`POST /report`: a form as browsers send it, answered with a page."""
        language = _language(request)
        _demand_own_site(request)
        given = await _fields(request)
        try:
            posted = await self._take(request, given)
        except PostedError as error:
            return _page(language, 422, given=given, problems=error.problems)
        except Problem as problem:
            trouble = words()[language]["busy" if problem.status == 429 else "down"]
            return _page(language, problem.status, given=given, trouble=trouble, headers=problem.headers)
        return _page(language, 200, posted=posted)

    async def post_json(self, request: Request) -> Response:
        """`POST /reports`: the same fields as JSON, answered with the report's id and receipt."""
        _demand_own_site(request)
        # Browsers send JSON to another site only if that allows it; plain text they send to any.
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Problem(415, "send the report as application/json")
        try:
            given = orjson.loads(await request.body())
        except orjson.JSONDecodeError as error:
            raise Problem(400, f"the body is no JSON: {error}") from None
        if not isinstance(given, dict):
            raise Problem(400, "the body is no JSON object")
        try:
            posted = await self._take(request, given)
        except PostedError as error:
            raise Problem(422, str(error), problems=error.problems) from None
        content = {"id": posted.report.id, "receipt": posted.receipt}
        return Response(orjson.dumps(content), 201, {"cache-control": "no-store"}, "application/json")

    async def _take(self, request: Request, given: Mapping[str, Any]) -> Posted:
        client = self.digests.of(request.client.host if request.client else "")
        if wait_s := self._buckets.take(client):
            raise Problem(429, "too many reports", headers={"retry-after": str(math.ceil(wait_s))})
        # What is taken back must be newer than what was posted, also within the same quarter of an hour.
        step = math.ceil if given.get("withdrawn") else math.floor
        received_s = step(self.clock() / COARSE_S) * COARSE_S
        secret = secrets.token_hex(16)
        posted = read_posted(coarse(given), received_s=received_s, salt=self.salt, secret=secret)
        posted = replace(posted, report=self._as_counted(client, posted.report))
        if self.publish is None:
            raise Problem(503, "reports can't be taken here")
        try:
            await self.publish(posted.report)
        except PublishingError:
            raise Problem(503, "reports can't be taken at the moment", headers={"retry-after": "30"}) from None
        return posted

    def _as_counted(self, client: bytes, report: Report) -> Report:
        """A report as it counts: in a burst of one client as the first author's of that country.

        Not of that place: towns of a region with few reports are put together, and three towns are no three people.
        """
        if report.reporter.digest is None:
            return report
        said = hashlib.blake2b(repr((client, report.country)).encode(), digest_size=16).digest()
        reporter = structs.replace(report.reporter, digest=self.bursts.hand(said, report.reporter.digest))
        return structs.replace(report, reporter=reporter)


def coarse(given: Mapping[str, Any]) -> dict[str, Any]:
    """A form with its times cut to the quarter of an hour.

    >>> coarse({"start": "2021-02-28T14:13", "end": "2021-02-28"})
    {'start': '2021-02-28T14:00', 'end': '2021-02-28'}
    """
    found = dict(given)
    for name in ("start", "end"):
        if isinstance(found.get(name), str):
            found[name] = _CLOCK.sub(lambda at: f"T{at[1]}:{int(at[2]) // 15 * 15:02d}", found[name])
    return found


def _demand_own_site(request: Request) -> None:
    """Raises Problem if a page of another site sent a report: its readers would report without knowing."""
    origin = request.headers.get("origin", "null")
    # Without a referrer browsers give the origin of a form as null.
    foreign = origin != "null" and urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Problem(403, "another site sent this form; open /report itself")


async def _fields(request: Request) -> dict[str, Any]:
    """The fields of a form; those that may be chosen more than once as lists."""
    async with request.form(max_files=0, max_fields=60) as form:
        found: dict[str, Any] = {name: str(form[name]) for name in form}
        for name in ("networks", "services"):
            if name in form:
                found[name] = [str(one) for one in form.getlist(name)]
    return found


def _language(request: Request) -> str:
    """The language asked for, or the first that the browser likes and the form has."""
    liked = (
        one.partition(";")[0].strip()[:2].lower() for one in request.headers.get("accept-language", "").split(",")
    )
    return next((code for code in (request.query_params.get("lang", ""), *liked) if code in words()), "en")


def _page(
    language: str,
    status: int,
    *,
    given: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    trouble: str = "",
    posted: Posted | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    text = _template().render(
        language=language,
        languages=words(),
        words=words()[language],
        services=SERVICES,
        given=given or {},
        problems=problems or {},
        trouble=trouble,
        posted=posted,
        nonce=secrets.token_hex(16),
    )
    return Response(text, status, {"cache-control": "no-store", **(headers or {})}, "text/html")
