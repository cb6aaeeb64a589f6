"""The layout of each stage's state, pinned: whoever changes it must say whether old state can still be read."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from streams.correlation import memory as correlation
from streams.detection import day as detection
from streams.detection.blocking_memory import BlockingHead, CountedDay
from streams.detection.memory import Evidence, Head
from streams.detection.pack import pack
from streams.detection.part_store import PartDrop
from streams.located import Located
from streams.pipeline import build_stage
from streams.scenarios import scenario_named
from streams.stage import SOURCES, Store
from streams.watch import Group
from topics import DROPS, EVIDENCE, Blocking, Claim, Coverage, Drop, Outage, Protest, decode, digest, encode

#: By stage: the types that its values are of, and something packed as it packs.
TYPES: dict[str, tuple[Any, ...]] = {
    "detect": (detection._Stored, Head, Evidence, list[PartDrop], BlockingHead, CountedDay),
    "claims": (Located,),
    "protests": (Located,),
    "correlate": (
        list[Outage | Coverage | Claim | Protest | Blocking],
        correlation._Shutdown,
        correlation._Candidate,
        correlation._Day,
    ),
    "watch": (Group, Drop),
}

#: By stage: its `layout`, and the fingerprint of what it keeps.
PINNED = {
    "detect": (3, "33ef985a8df24829b8991fc47cf71568"),
    "claims": (1, "d16204549092446239f26956ee7cd7e4"),
    "protests": (1, "d16204549092446239f26956ee7cd7e4"),
    "correlate": (3, "79c88da0fa4cc891cebb36de72a87beb"),
    "watch": (1, "db9ca0da8f4860c160ed8ec0b8f8e635"),
}


@pytest.fixture(scope="module")
def stores() -> dict[str, Store]:
    """What each stage keeps of the seed case."""
    found: dict[str, Store] = {name: {} for name in SOURCES}
    given = {topic: [] for topic in SOURCES.values()}  # type: ignore[var-annotated]
    for topic, record in scenario_named("kazakhstan-2021-02-28").records():
        given[topic].append(record)
    for name, topic in SOURCES.items():
        result = build_stage(name).process(given[topic], found[name])
        for out, record in result.out:
            if out in (EVIDENCE, DROPS):
                given[out].append(decode(out, encode(record)))
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_the_layout_is_the_one_pinned(name: str, stores: dict[str, Store]) -> None:
    kinds = (
        sorted({key.split("/")[0] for key in stores[name]}) if name in ("detect", "correlate", "watch") else ["id"]
    )
    _, types = msgspec.json.schema_components(TYPES[name], ref_template="{name}")
    packed = [pack(np.array(some)).hex() for some in ([1.0, 300.0], [0.5, 7.25], [4.0, 4.0], [1e10, 0.1])]
    found = digest({"keys": kinds, "types": _bare(types), "packed": packed if name == "detect" else []})
    assert (build_stage(name).layout, found) == PINNED[name], (
        f"what {name} keeps changed. If it reads state written before as it did (new fields have defaults, and "
        "what they mean in old state is right), pin the new fingerprint. If not, raise its `layout`: workers then "
        "refuse old state until `shutdowns rebuild` was run"
    )


def _bare(schema: Any) -> Any:
    """A schema without its words."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in ("description", "title")}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema
