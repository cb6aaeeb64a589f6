"""The catalogue: every topic, once. Topics are created from it, and docs/TOPICS.md is generated from it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from topics.base import DAY_MS, Topic
from topics.candidates import CANDIDATES
from topics.codec import schemas
from topics.drops import DROPS
from topics.evidence import EVIDENCE
from topics.form_reports import FORM_REPORTS
from topics.invalid import INVALID
from topics.measurements import MEASUREMENTS
from topics.measurers import MEASURERS
from topics.news import NEWS
from topics.reports import REPORTS
from topics.shutdown_changes import SHUTDOWN_CHANGES
from topics.shutdowns import SHUTDOWNS
from topics.signals import SIGNALS, SignalFacts
from topics.undelivered import UNDELIVERED

CATALOGUE: tuple[Topic, ...] = (
    MEASUREMENTS,
    FORM_REPORTS,
    REPORTS,
    NEWS,
    EVIDENCE,
    DROPS,
    SHUTDOWNS,
    SHUTDOWN_CHANGES,
    CANDIDATES,
    INVALID,
    UNDELIVERED,
)

#: Those that more than one reader may see.
SHARED = tuple(topic for topic in CATALOGUE if not topic.private)


def topic_named(name: str) -> Topic:
    """The topic of that name.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    for topic in CATALOGUE:
        if topic.name == name:
            return topic
    raise KeyError(f"no topic {name!r}; there are {', '.join(topic.name for topic in CATALOGUE)}")


def _kept(topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "newest of each key"
    return "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} days"


def _type_words(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return _type_words(inner)
        case msgspec.inspect.UnionType(types=types):
            return " or ".join(dict.fromkeys(_type_words(one) for one in types))
        case msgspec.inspect.VarTupleType(item_type=item):
            return f"list of {_type_words(item)}"
        case msgspec.inspect.StructType(cls=cls):
            return f"[{cls.__name__}](#{cls.__name__.lower()})"
        case msgspec.inspect.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case msgspec.inspect.NoneType():
            return "null"
    return type(kind).__name__.removesuffix("Type").lower()


def _description(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.Metadata(type=inner, extra_json_schema=extra):
            return (extra or {}).get("description") or _description(inner)
        case msgspec.inspect.UnionType(types=types):
            return next((words for one in types if (words := _description(one))), "")
    return ""


def _structs(kind: msgspec.inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            yield from _structs(inner)
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                yield from _structs(one)
        case msgspec.inspect.VarTupleType(item_type=item):
            yield from _structs(item)
        case msgspec.inspect.StructType(cls=cls):
            yield cls


def _struct_lines(cls: type[msgspec.Struct]) -> Iterator[str]:
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    yield f"### {cls.__name__}"
    yield ""
    yield " ".join((cls.__doc__ or "").split())
    yield ""
    yield "| field | type | required | meaning |"
    yield "|---|---|---|---|"
    if info.tag is not None:
        yield f"| `schema` | `{info.tag}` | yes | name and version of this record's schema |"
    for field in info.fields:
        required = "yes" if field.required else "no"
        yield f"| `{field.encode_name}` | {_type_words(field.type)} | {required} | {_description(field.type)} |"
    yield ""


def _reachable(roots: list[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    found: list[type[msgspec.Struct]] = []
    queue = list(roots)
    while queue:
        cls = queue.pop(0)
        if cls in found:
            continue
        found.append(cls)
        info = msgspec.inspect.type_info(cls)
        assert isinstance(info, msgspec.inspect.StructType)
        queue.extend(inner for field in info.fields for inner in _structs(field.type))
    return found


def as_markdown() -> str:
    """The catalogue as the text of docs/TOPICS.md."""
    lines = [
        "# Topics",
        "",
        "Generated from `topics/` by `shutdowns topics describe --markdown`; a test holds the two equal.",
        "",
        "| topic | what | schemas | key | partitions | kept | largest record |",
        "|---|---|---|---|---|---|---|",
    ]
    for topic in CATALOGUE:
        names = ", ".join(f"`{name}`" for name in schemas(topic))
        lines.append(
            f"| `{topic.name}` | {topic.summary} | {names} | {topic.key_words} | {topic.partitions} "
            f"| {_kept(topic)} | {topic.max_message_bytes:,} bytes |"
        )
    lines += [
        "",
        "Values are JSON in UTF-8. Fields that a reader does not know are to be ignored.",
        "",
        "## Records",
        "",
    ]
    for cls in _reachable([record for topic in CATALOGUE for record in topic.records]):
        lines.extend(_struct_lines(cls))
    lines += _signal_lines() + _measurer_lines()
    return "\n".join(lines).rstrip() + "\n"


def _signal_lines() -> list[str]:
    """The catalogue of signals, as two tables: what they are, and what they see."""
    return [
        "## Signals",
        "",
        "What is true of each signal (`topics/signals.py`). A signal that is not here is read and judged too; it",
        "contradicts nothing. The step is the source's own; values are final so long after a step, where a live",
        "reader asks for them.",
        "",
        "| signal | words | kind | unit | step | final after | lineage | rhythm | a rise is worse | named |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_signal_line, SIGNALS),
        "",
        "What a full cut of those networks would show in it, as a share, and how much it may contradict a claim: 1",
        "is enough alone, what reaches 1 together is enough where it is of two kinds.",
        "",
        "| signal | fixed lines | mobile networks | contradicts | why |",
        "|---|---|---|---|---|",
        *(
            f"| `{one.code}` | {one.fixed:g} | {one.mobile:g} | {one.contradicts:g} | {one.why} |"
            for one in SIGNALS
        ),
        "",
    ]


def _signal_line(one: SignalFacts) -> str:
    def seconds(given: int | None) -> str:
        return "-" if given is None else f"{given:,} s"

    # A name that is the code itself would say it twice.
    named = ", ".join(f"{who}: `{name}`" for who, name in one.names if name != one.code)
    cells = [
        f"`{one.code}`{' and its products' if one.products else ''}", one.words,
        f"{one.kind} (forecast)" if one.forecast else one.kind, one.unit,
        seconds(one.step_s), seconds(one.lag_s), f"`{one.lineage}`" if one.lineage else "-",
        "yes" if one.rhythm else "no", "yes" if one.more_is_worse else "no", named or "-",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _measurer_lines() -> list[str]:
    """The catalogue of measurers."""
    return [
        "## Measurers",
        "",
        "Who measures (`topics/measurers.py`): a claim that cites only them adds nothing to their measurements.",
        "",
        "| measurer | lineage | also called | addresses |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | `{one.lineage}` | {', '.join(one.names) or '-'} | {', '.join(one.addresses) or '-'} |"
            for one in MEASURERS
        ),
        "",
    ]
