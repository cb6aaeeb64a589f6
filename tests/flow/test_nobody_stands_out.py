"""Two runs of the whole system: in one of them one or two people of a small town report. Nothing given out differs.

What is given out are the topics that others may read, byte by byte and in order (with what they say of `sources`,
`support`, `known_s` and revisions), every answer of the API, and its figures. tests/flow/test_scenario.py does it
once through Kafka, where no offset of a topic that others may read moves either.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from streams import geography
from streams.api.feed import Feed
from streams.api.figures import ApiHealth
from streams.pipeline import build_stage
from streams.scenarios import scenario_named
from streams.settings import Settings
from tests.api.served import client, feed, filled
from tests.flow.test_any_record import READERS
from topics import (
    CANDIDATES,
    DROPS,
    EVIDENCE,
    MEASUREMENTS,
    NEWS,
    REPORTS,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    Origin,
    Record,
    Report,
    Reporter,
    Topic,
    decode,
    encode,
)

PUBLIC = (SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES, DROPS)
Told = list[tuple[Topic, Record]]


@cache
def others() -> tuple[tuple[Topic, bytes], ...]:
    """What everybody else says: the seed case without reports by individuals. Of measurements what is detected in
    them, which no report has a part in."""
    records = scenario_named("kazakhstan-2021-02-28").records()
    detect, store, found = build_stage("detect"), dict[str, bytes](), list[tuple[Topic, Record]]()
    for topic, record in records:
        if topic is MEASUREMENTS:
            found += detect.process([record], store).out
        elif not (isinstance(record, Report) and record.reporter.kind == "individual"):
            found.append((topic, record))
    return tuple((topic, encode(record)) for topic, record in found)


class Batches:
    """The stages behind `detect`, batch by batch, as workers run them."""

    def __init__(self) -> None:
        self._stages = {name: build_stage(name) for name in ("claims", "protests", "correlate", "watch")}
        self._stores: dict[str, dict[str, bytes]] = {name: {} for name in self._stages}

    def take(self, batch: Sequence[tuple[Topic, bytes]]) -> Told:
        """All that the stages make of a batch."""
        waiting: dict[Topic, list[bytes]] = {topic: [] for topic in (REPORTS, NEWS, EVIDENCE, DROPS)}
        for topic, value in batch:
            waiting[topic].append(value)
        told: Told = []
        while any(waiting.values()):
            topic = next(one for one, values in waiting.items() if values)
            name = READERS[topic.name]
            records = [decode(topic, value) for value in waiting[topic]]
            waiting[topic] = []
            for out, record in self._stages[name].process(records, self._stores[name]).out:
                told.append((out, record))
                if out in waiting:
                    waiting[out].append(encode(record))
        return told


def towns() -> list[str]:
    """Towns of Kazakhstan, the small ones too."""
    found = geography.find_places(
        "Атырау, Актау, Кокшетау, Тараз, Жезказган, Балхаш, Рудный, Экибастуз, Темиртау, Кентау, Риддер", "KZ"
    )
    return sorted({one.place.name for one in found.places})


def posts(town: str, people: int, dice: random.Random) -> list[Report]:
    """What so many people of a town post, each now and then twice, and now and then taken back."""
    found = []
    for person in range(people):
        post = Report(
            id=f"form/KZ/2021-02-28/{person:024x}",
            origin=Origin(source="form"),
            reporter=Reporter(kind="individual", digest=dice.choice([None, f"{person:024x}"])),
            country="KZ",
            places=(town,),
            start=f"2021-02-28T{dice.randrange(24):02d}:{dice.randrange(4) * 15:02d}",
            ongoing=dice.random() < 0.3,
            extent=dice.choice(["full", "service", "throttling", None]),
            text_digest=dice.choice([None, f"{dice.random()}"]),
            known_s=1_614_510_000 + 900 * dice.randrange(90),
            revision=1_614_510_000,
        )
        found.append(post)
        if dice.random() < 0.2:
            found.append(replace(post, revision=post.revision + 1, extent="full"))
        if dice.random() < 0.2:
            found.append(replace(post, revision=post.revision + 2, withdrawn=True))
    return found


def given_out(records: Sequence[tuple[Topic, bytes]]) -> Told:
    """All that the stages make of records, one by one."""
    return batch_by_batch([[one] for one in records])


def public(told: Told) -> list[tuple[str, bytes]]:
    return [(topic.name, encode(record)) for topic, record in told if topic in PUBLIC]


def answers(told: Told) -> Iterator[tuple[str, int, bytes]]:
    """Every answer of the API, with links followed."""
    with filled([]) as state:
        feed(state, told)
        api = client(state)
        waiting = deque(["/shutdowns", "/shutdowns?status=all", "/candidates", "/incidents", "/places", "/stats"])
        waiting += ["/timeline", "/feed.atom", "/report", "/openapi.json"]
        waiting += [f"/shutdowns/{one}{more}" for one in state.entries for more in ("", "/history", "/evidence")]
        waiting += [f"/incidents/{one.shutdown.incident}" for one in state.entries.values()]
        for path in waiting:
            answer = api.get(path)
            yield path, answer.status_code, b"" if path == "/report" else answer.content
        figures = ApiHealth(state, Feed(Settings(), state)).collect()
        told_figures = [one for one in figures if one.name != "shutdowns_kafka_seen_timestamp_seconds"]
        yield "/metrics", 200, repr([(one.name, one.samples) for one in told_figures]).encode()


@pytest.mark.parametrize("seed", range(50))
def test_one_or_two_people_of_a_town_change_nothing_that_is_given_out(seed: int) -> None:
    """The seed decides the town, what they say, and the order and batches in which everything comes."""
    dice = random.Random(seed)
    town = dice.choice(towns())
    mixed = list(others())
    dice.shuffle(mixed)
    batches = [mixed[at : at + 12] for at in range(0, len(mixed), 12)]
    with_them = [[*batch] for batch in batches]
    reports = [(REPORTS, encode(one)) for one in posts(town, dice.choice([1, 1, 2]), dice)]
    # Each comes at some time, in the middle of what others say; a person's own in their order.
    for place, report in zip(sorted(dice.randrange(len(batches)) for _ in reports), reports, strict=True):
        with_them[place].append(report)
    without, told = batch_by_batch(batches), batch_by_batch(with_them)
    assert len(told) > len(without), "their claims are among the evidence"
    assert public(told) == public(without) != []
    if seed % 10 == 0:
        assert list(answers(told)) == list(answers(without))


@pytest.mark.parametrize("seed", range(3))
def test_nor_do_they_where_each_record_comes_alone(seed: int) -> None:
    dice = random.Random(seed)
    mixed = [[one] for one in others()]
    dice.shuffle(mixed)
    with_them = [*mixed]
    for report in posts(dice.choice(towns()), 2, dice):
        with_them.insert(dice.randrange(len(with_them)), [(REPORTS, encode(report))])
    assert public(batch_by_batch(with_them)) == public(batch_by_batch(mixed))


def batch_by_batch(batches: Sequence[Sequence[tuple[Topic, bytes]]]) -> Told:
    """All that the stages make of batches, in order."""
    flow = Batches()
    return [one for batch in batches for one in flow.take(batch)]


def test_three_people_of_a_town_do() -> None:
    """Else the tests above would hold of a system that gives nothing out."""
    named = posts("Aktau", 3, random.Random(0))
    reports = [
        (REPORTS, encode(replace(one, reporter=Reporter(kind="individual", digest=one.id), withdrawn=False)))
        for one in named
    ]
    assert public(batch_by_batch([others(), reports])) != public(batch_by_batch([others()]))


def test_what_is_told_of_enough_people_names_none_of_them() -> None:
    dice = random.Random(1)
    reports = posts("Atyrau", 12, dice)
    told = given_out([*others(), *((REPORTS, encode(one)) for one in reports)])
    assert public(told) != public(given_out(others()))
    content = b"".join(value for _, value in public(told))
    content += b"".join(answer for path, _, answer in answers(told) if path != "/openapi.json")
    for record in told:
        if record[0] is EVIDENCE and getattr(record[1], "reporter", "") == "individual":
            for name in ("id", "report", "hand", "lineage"):
                value = getattr(record[1], name)
                assert value is None or value == "individual/unnamed" or value.encode() not in content


def test_a_killed_api_leaves_nothing_behind(tmp_path: Path) -> None:
    program = "\n".join(
        [
            "import sys, time",
            "from pathlib import Path",
            "from streams.api.store import Store",
            "store = Store(Path(sys.argv[1]))",
            "[store.add_evidence(f'claim/{n}', 1, b'Almaty' * 1000) for n in range(2000)]",
            "print('ready', len(store.evidence(['claim/1'])), flush=True)",
            "time.sleep(60)",
        ]
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready 1\n"
        assert list(tmp_path.rglob("*")) == [], "nobody can open it even now"
        os.kill(process.pid, signal.SIGKILL)
    assert list(tmp_path.rglob("*")) == []


def test_steps_tell_nothing_of_who_came_in_which_order() -> None:
    """Of people who report one after the other, the third opens the shutdown, and no step names whom it is of."""
    dice = random.Random(3)
    named = [
        replace(one, reporter=Reporter(kind="individual", digest=f"{n}"))
        for n, one in enumerate(posts("Aktau", 5, dice))
    ]
    told = given_out([(REPORTS, encode(one)) for one in named])
    changes = [record for topic, record in told if topic is SHUTDOWN_CHANGES]
    assert all(change.because == () for change in changes)  # type: ignore[attr-defined]
    assert all("because of" not in change.words for change in changes)  # type: ignore[attr-defined]
    assert all(a != b for a, b in pairwise(changes))
