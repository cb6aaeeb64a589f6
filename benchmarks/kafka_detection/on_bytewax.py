"""The detect stage on bytewax: `python -m benchmarks.kafka_detection.on_bytewax ADDRESS PREFIX FOLDER`."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from benchmarks.kafka_detection.job import Began, read, stage
from topics import encode

State = dict[str, bytes]
Message = KafkaSinkMessage[bytes, bytes]


class Detect(StatefulBatchLogic[bytes, Message, State]):
    """One key, a source in a country: its store is kept in memory, and saved at the end of each epoch."""

    def __init__(self, state: State | None, began: Began) -> None:
        self._store: State = dict(state or {})
        self._stage, self._began = stage(), began

    def on_batch(self, values: list[bytes]) -> tuple[list[Message], bool]:
        self._began()
        result = self._stage.process([read(value) for value in values], self._store)
        return [KafkaSinkMessage(topic.key(one).encode(), encode(one)) for topic, one in result.out], False

    def snapshot(self) -> State:
        return dict(self._store)


def _keyed(message: KafkaSourceMessage[bytes | None, bytes | None]) -> tuple[str, bytes]:
    return (message.key or b"").decode(), message.value or b""


def main(bootstrap: str, prefix: str, folder: str) -> None:
    began, flow = Began(), Dataflow("detect")
    source = KafkaSource([bootstrap], [f"{prefix}measurements"], batch_size=500)
    keyed = op.map("keyed", op.input("measurements", flow, source), _keyed)
    told = op.stateful_batch("detect", keyed, lambda state: Detect(state, began))
    kop.output(
        "evidence", op.map("plain", told, lambda pair: pair[1]), brokers=[bootstrap], topic=f"{prefix}evidence"
    )
    recovery = Path(folder)
    recovery.mkdir(parents=True)
    init_db_dir(recovery, 1)
    cli_main(flow, epoch_interval=timedelta(seconds=10), recovery_config=RecoveryConfig(recovery))


if __name__ == "__main__":
    main(*sys.argv[1:])
