"""Command lines as the program itself reads them, without running any."""

from __future__ import annotations

from collections.abc import Sequence

import click

from streams.cli.main import shutdowns


def parse(words: Sequence[str]) -> None:
    """Let click parse a command line of `shutdowns`, down to its last command, and call none of it.

    Raises:
        click.UsageError: there is no such command, argument or option, or it takes no such value.
    """
    _parse(shutdowns, "shutdowns", list(words), None)


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None) -> None:
    context = command.make_context(name, words, parent)
    if isinstance(command, click.Group) and (rest := [*context._protected_args, *context.args]):
        following, sub, rest = command.resolve_command(context, rest)
        assert sub is not None
        assert following is not None
        _parse(sub, following, rest, context)
