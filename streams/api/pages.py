"""The live page and its files, all from this server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from streams import geography
from streams.api.answers import Answer, respond
from streams.api.formats import JSON
from streams.api.outline import country_outline
from streams.api.problems import Problem

STATIC = Path(__file__).parent / "static"

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": JSON,
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@lru_cache
def _file(name: str) -> Answer | None:
    path = STATIC / name
    if path.parent != STATIC or path.suffix not in TYPES or not path.is_file():
        return None
    return Answer(path.read_bytes(), TYPES[path.suffix])


async def page(request: Request) -> Response:
    """`/` and `/shutdown/{id}`: the same document; its script looks at the address."""
    found = _file("index.html")
    assert found is not None
    return respond(request, found)


async def worker(request: Request) -> Response:
    """`/sw.js`: the form's service worker; a worker may look after what lies beside it and below."""
    found = _file("sw.js")
    assert found is not None
    return respond(request, found)


async def static(request: Request) -> Response:
    """`/static/{name}`."""
    found = _file(request.path_params["name"])
    if found is None:
        raise Problem(404, "there is no such file")
    return respond(request, found)


async def regions(request: Request) -> Response:
    """`/map/{country}.json`: the outlines of a country's regions."""
    code = request.path_params["country"]
    if geography.country_code(code) != code:
        raise Problem(404, "there is no country of this code")
    return respond(request, Answer(country_outline(code), JSON, cache="max-age=86400"))
