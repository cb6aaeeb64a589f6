"""Scenario files (JSON Lines) into worlds; what is wrong with a line is said with its file, number and field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import orjson

from streams import limits
from streams.errors import UNREADABLE, StreamsError
from streams.evaluation.scenarios.expectations import Compare, Expected
from streams.evaluation.scenarios.form import Head, RecordLine
from streams.evaluation.scenarios.generators import Given, records_of
from streams.evaluation.scenarios.times import decode_time
from streams.stage import SOURCES


class ScenarioError(StreamsError):
    """A scenario file can't be read. The message names file, line and field, and says what is wrong."""


@dataclass(slots=True)
class World:
    """A scenario as it was read: its head, its records in the order of the file, and what must come of them."""

    head: Head
    file: str
    line: int
    records: list[Given] = field(default_factory=list)
    expected: list[tuple[int, Expected]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.head.scenario

    def taken(self, without: Sequence[str] = (), added: Sequence[str] = ()) -> list[Given]:
        """Return its records but those of the parts `without`, and of its variants only those `added`."""
        left_out = (set(self.head.variants) - set(added)) | set(without)
        return [one for one in self.records if one.part is None or one.part not in left_out]

    def parts(self) -> set[str]:
        return {one.part for one in self.records if one.part is not None}


def read_folder(folder: Path) -> list[World]:
    """Return the worlds of all `*.jsonl` files of a folder, by file and line.

    Raises:
        ScenarioError: a file can't be read, or there is none, or two worlds have one name.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise ScenarioError(f"{folder} has no file *.jsonl; docs/SCENARIOS.md says how to write one")
    worlds: dict[str, World] = {}
    for path in files:
        for world in read_file(path):
            if (other := worlds.get(world.name)) is not None:
                raise ScenarioError(
                    f"{path}:{world.line}: scenario: {world.name!r} is there already; give it another name than "
                    f"{other.file}:{other.line}"
                )
            worlds[world.name] = world
    return list(worlds.values())


def read_file(path: Path) -> list[World]:
    """Return the worlds of one file.

    Raises:
        ScenarioError: it can't be read; the message names the line and its field.
    """
    try:
        size = path.stat().st_size
        if size > limits.DOCUMENT_BYTES:
            raise ScenarioError(f"{path} has {size:,} bytes; split it, {limits.DOCUMENT_BYTES:,} are allowed")
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ScenarioError(f"{path} can't be read: {error.strerror or error}") from error
    return list(_worlds(path, lines))


def _worlds(path: Path, lines: list[bytes]) -> Iterator[World]:
    world: World | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            content = _object(line)
            if "scenario" in content:
                if world is not None:
                    yield _whole(world, path)
                world = World(_convert(content, Head), str(path), number)
            elif world is None:
                raise ValueError("scenario: the first line must be a head with `scenario`, `group` and `words`")
            elif "expect" in content:
                world.expected.append((number, _convert(content, Expected)))
            else:
                world.records += _records(content, f"{world.name}/{number - world.line}")
        except (ValueError, *UNREADABLE) as error:
            raise ScenarioError(f"{path}:{number}: {error}") from error
    if world is not None:
        yield _whole(world, path)


def _object(line: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"this line is no JSON ({error}); each line holds one whole object") from None
    if not isinstance(content, dict):
        raise ValueError("a line must be a JSON object: {…}")
    return content


def _convert(content: dict[str, Any], kind: Any) -> Any:
    """Return the content as a type; an error begins with the field that it is about."""
    try:
        return msgspec.convert(content, kind, dec_hook=decode_time)
    except msgspec.ValidationError as error:
        words, _, where = str(error).partition(" - at `$")
        place = where.rstrip("`").lstrip(".")
        raise ValueError(f"{place}: {words}" if place else words) from None


def _records(content: dict[str, Any], name: str) -> list[Given]:
    line: RecordLine = _convert(content, RecordLine)
    inputs = [topic.name for topic in SOURCES.values()]
    if line.topic is not None and line.topic not in inputs:
        raise ValueError(f"topic: {line.topic!r} is no input; there are {', '.join(dict.fromkeys(inputs))}")
    try:
        return list(records_of(line, name))
    except KeyError as error:
        raise ValueError(f"include.name: {error.args[0]}") from None


def _whole(world: World, path: Path) -> World:
    """Check what can be checked only when a world is complete."""
    if not world.expected:
        raise ScenarioError(f"{path}:{world.line}: {world.name} expects nothing; add a line with `expect`")
    parts = world.parts()
    if unknown := set(world.head.variants) - parts:
        raise ScenarioError(f"{path}:{world.line}: variants: no record has the part {sorted(unknown)[0]!r}")
    for number, expected in world.expected:
        if isinstance(expected, Compare):
            if unknown := {*expected.without, *expected.added} - parts:
                raise ScenarioError(
                    f"{path}:{number}: without, with: no record has the part {sorted(unknown)[0]!r}; parts are "
                    f"named by `part` on a record's line"
                )
            if not expected.without and not expected.added:
                raise ScenarioError(f"{path}:{number}: without: say which parts the other world leaves out, or has")
        in_order = getattr(expected, "as_of", None) is not None or expected.__struct_config__.tag == "life"
        if in_order and any(one.arrives_s is None for one in world.records):
            raise ScenarioError(
                f"{path}:{number}: as_of, life: each record must say when it arrives; give `known` in the "
                "report or `arrives` on its line"
            )
    return world
