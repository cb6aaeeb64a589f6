"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def connection(command: F) -> F:
    """`--bootstrap` and `--prefix`; not given, they come from the environment (see `streams.settings`)."""
    for option in (
        click.option("--prefix", help="Put before the names of all topics and groups."),
        click.option("--bootstrap", metavar="HOST:PORT", help="Kafka's address. [default: 127.0.0.1:9092]"),
    ):
        command = option(command)
    return command
