"""A double of GDELT 2.0's folder, as strict as the service (docs/SERVICES.md): two streams of zipped files."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

from tests.sources.fake import Answer, Request
from tests.sources.test_gdelt import line

SLOT = 900
STREAMS = {"": "lastupdate.txt", ".translation": "lastupdate-translation.txt"}
MASTERS = {"": "masterfilelist.txt", ".translation": "masterfilelist-translation.txt"}

#: The double's folder begins so long before its newest file; the service's in 2015.
FOLDER_S = 86_400


def name(slot: int) -> str:
    return dt.datetime.fromtimestamp(slot, dt.UTC).strftime("%Y%m%d%H%M%S")


def packed(content: str, member: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


class Archive:
    """GDELT's folder: a file of two protests for every quarter of an hour up to `until`, but for `missing` ones."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.missing: set[int] = set()
        self.damaged: set[int] = set()
        self.untranslated: set[int] = set()
        #: The address of articles that only the translated stream has; by default it repeats the English one.
        self.abroad = "example.org"
        #: Rows of a quarter of an hour, in place of the two; of the translated stream if that is asked for.
        self.rows: Callable[[int, bool], list[str]] = self._two

    def routes(self) -> dict[str, Any]:
        return {"/": self.file}

    def _two(self, slot: int, translated: bool) -> list[str]:
        host, stamp = self.abroad if translated else "example.org", name(slot)
        rows = [
            line(c0=f"{slot}{at}", c1=stamp[:8], c59=stamp, c60=f"https://{host}/{slot}/{at}") for at in range(2)
        ]
        return [*rows, line(c28="19")]

    def file(self, request: Request) -> Any:
        path = request.path.rsplit("/", 1)[-1]
        for stream, update in STREAMS.items():
            if path == update:
                return self._listed(stream, self.until // SLOT * SLOT)
            if path == MASTERS[stream]:
                return self._listed(stream, self.until // SLOT * SLOT - FOLDER_S)
        stamp, *kinds = path.removesuffix(".CSV.zip").split(".")
        translated, kind = kinds[:-1] == ["translation"], kinds[-1]
        slot = int(dt.datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC).timestamp())
        there = slot <= self.until and slot % SLOT == 0 and slot not in self.missing
        there = there and kinds[:-1] in ([], ["translation"])
        if not there or (translated and slot in self.untranslated):
            return Answer(b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", 404)
        if slot in self.damaged:
            return packed("", "x")[:20]
        rows = self.rows(slot, translated) if kind == "export" else []
        return packed("".join(f"{row}\n" for row in rows), path.removesuffix(".zip"))

    def _listed(self, stream: str, first: int) -> bytes:
        """The sizes, MD5s and addresses of a stream's files from a quarter of an hour on, a line each."""
        found = []
        for slot in range(first, self.until + 1, SLOT):
            for kind in ("export", "mentions"):
                path = f"/{name(slot)}{stream}.{kind}.CSV.zip"
                content = self.file(Request("GET", path, {}, {}, {}))
                if isinstance(content, Answer):
                    continue
                digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
                found.append(f"{len(content)} {digest} http://data.gdeltproject.org/gdeltv2{path}")
        return "\n".join(found).encode()
