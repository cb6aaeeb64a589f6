"""The detect stage on quixstreams: `python -m benchmarks.kafka_detection.on_quixstreams ADDRESS PREFIX FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from typing import Any

from quixstreams import Application
from quixstreams.models import Serializer

from benchmarks.kafka_detection.job import Began, read, stage
from topics import encode


class _Store(MutableMapping[str, bytes]):
    """A key's state as a stage's store; nothing is ever listed."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def __getitem__(self, key: str) -> bytes:
        value = self._state.get_bytes(key)
        if value is None:
            raise KeyError(key)
        return bytes(value)

    def __setitem__(self, key: str, value: bytes) -> None:
        self._state.set_bytes(key, value)

    def __delitem__(self, key: str) -> None:
        if not self._state.exists(key):
            raise KeyError(key)
        self._state.delete(key)

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError


class _Value(Serializer):
    """Of a key and a value, the value."""

    def __call__(self, value: tuple[str, bytes], ctx: Any) -> bytes:  # noqa: ARG002
        return value[1]


def main(bootstrap: str, prefix: str, folder: str) -> None:
    app = Application(
        broker_address=bootstrap,
        consumer_group=f"{prefix}quixstreams",
        auto_offset_reset="earliest",
        state_dir=folder,
        commit_interval=1.0,
        loglevel="WARNING",
    )
    source = app.topic(f"{prefix}measurements", key_deserializer="str", value_deserializer="bytes")
    target = app.topic(f"{prefix}evidence", key_serializer="str", value_serializer=_Value())
    began, made = Began(), stage()

    def detect(value: bytes, state: Any) -> list[tuple[str, bytes]]:
        began()
        result = made.process([read(value)], _Store(state))
        return [(topic.key(record), encode(record)) for topic, record in result.out]

    frames = app.dataframe(source).apply(detect, stateful=True, expand=True)
    frames.to_topic(target, key=lambda pair: pair[0])
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
