"""The live page and its files, all from this server."""

from __future__ import annotations

from functools import cache
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


@cache
def _files() -> dict[str, Answer]:
    """All files that are served, by name: what is asked for never becomes a path."""
    return {
        path.name: Answer(path.read_bytes(), TYPES[path.suffix])
        for path in STATIC.iterdir()
        if path.suffix in TYPES and path.is_file()
    }


async def page(request: Request) -> Response:
    """`/` and `/shutdown/{id}`: the same document; its script looks at the address."""
    return respond(request, _files()["index.html"])


async def worker(request: Request) -> Response:
    """`/sw.js`: the form's service worker; a worker may look after what lies beside it and below."""
    return respond(request, _files()["sw.js"])


async def static(request: Request) -> Response:
    """`/static/{name}`."""
    found = _files().get(request.path_params["name"])
    if found is None:
        raise Problem(404, "there is no such file")
    return respond(request, found)


async def regions(request: Request) -> Response:
    """`/map/{country}.json`: the outlines of a country's regions."""
    code = request.path_params["country"]
    if geography.country_code(code) != code:
        raise Problem(404, "there is no country of this code")
    return respond(request, Answer(country_outline(code), JSON, cache="max-age=86400"))
