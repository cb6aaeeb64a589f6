"""What can be wrong with an archive, found from the marks of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from streams.replay.layout import Mark

Kind = Literal["truncated", "damaged", "version", "stranger", "missing", "overlap", "other-topic", "unfinished"]


@dataclass(frozen=True, slots=True)
class File:
    """A data file: its path under the folder, its mark, and the size of its footer in bytes."""

    path: str
    mark: Mark
    footer_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong. `path` is the file, or the folder of the topic for what is not there."""

    kind: Kind
    path: str
    detail: str
    topic: str | None
    day: str | None = None

    @property
    def words(self) -> str:
        return f"{self.path} {self.detail}"

    @property
    def matters(self) -> bool:
        """Whether records may be missing or doubled by it: not by a last batch that is still to be finished."""
        return self.kind != "unfinished"


def judged(topic: str, files: Sequence[File]) -> tuple[list[File], list[Fault]]:
    """A topic's files in order, each batch and day once and whole batches only at the end; and what is wrong."""
    faults: list[Fault] = []
    once: dict[tuple[int, str], File] = {}
    for file in sorted(files, key=lambda one: (one.mark.batch, one.mark.day, one.path)):
        first = once.setdefault((file.mark.batch, file.mark.day), file)
        if first is not file:
            words = f"holds the same batch {file.mark.batch} as {first.path}"
            faults.append(Fault("overlap", file.path, words, topic=topic, day=file.mark.day))
    batches = [list(batch) for _, batch in groupby(once.values(), key=lambda file: file.mark.batch)]
    whole: list[File] = []
    before: Mark | None = None
    for number, batch in enumerate(batches):
        absent = sorted(set(batch[0].mark.days) - {file.mark.day for file in batch})
        if absent and number == len(batches) - 1:
            words = f"is of batch {batch[0].mark.batch}, of which {', '.join(absent)} was not written any more"
            faults += [Fault("unfinished", file.path, words, topic=topic, day=file.mark.day) for file in batch]
            continue
        faults += [
            Fault("missing", f"topic={topic}/day={day}", f"lacks batch {batch[0].mark.batch}", topic=topic, day=day)
            for day in absent
        ]
        faults += _between(topic, before, batch[0])
        whole += batch
        before = batch[0].mark
    return whole, faults


def _between(topic: str, before: Mark | None, file: File) -> list[Fault]:
    """What is wrong between a batch and the next."""
    mark = file.mark
    ends = {} if before is None else before.ends
    if before is not None and before.topic_id != mark.topic_id:
        words = "is of another topic of that name: the topic was made anew, its offsets begin again"
        return [Fault("other-topic", file.path, words, topic=topic, day=mark.day)]
    number = -1 if before is None else before.batch
    lacking = [
        f"partition {part} offsets {ends.get(part, 0):,} to {begin - 1:,}"
        for part, begin in sorted(mark.begins.items())
        if begin > ends.get(part, 0)
    ]
    doubled = [
        f"partition {part} from offset {begin:,}"
        for part, begin in sorted(mark.begins.items())
        if begin < ends.get(part, 0)
    ]
    faults = []
    if mark.batch != number + 1 or lacking:
        when = "before" if before is None else f"between {before.days[-1]} and"
        which = _counted(number + 1, mark.batch - 1)
        words = f"lacks {which}, {when} {mark.days[0]}: {'; '.join(lacking) or 'no offsets known'}"
        faults.append(Fault("missing", f"topic={topic}", words, topic=topic, day=mark.days[0]))
    if doubled:
        words = f"overlaps what earlier batches hold: {'; '.join(doubled)}"
        faults.append(Fault("overlap", file.path, words, topic=topic, day=mark.day))
    return faults


def _counted(first: int, last: int) -> str:
    if last < first:
        return "offsets"
    return f"batch {first}" if first == last else f"batches {first} to {last}"
