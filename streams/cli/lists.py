"""What `shutdowns fit` and `shutdowns evaluate` share: the options for lists, of several files each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from streams.evaluation import Lists, Years

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

#: Options that take all that follows up to the next option.
SEVERAL = ("--reports", "--outages", "--protests", "--signals")


class ListsCommand(click.Command):
    """A command whose options for lists take several files: `--reports 2018.csv 2019.csv --outages …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat each such option before each of its files, which is how click wants it."""
        return super().parse_args(ctx, repeated(args))


def repeated(args: Sequence[str]) -> list[str]:
    """Arguments with an option of several files before each of them.

    >>> repeated(["--reports", "a", "b", "--json"])
    ['--reports', 'a', '--reports', 'b', '--json']
    """
    found: list[str] = []
    option: str | None = None
    first = True
    for arg in args:
        if arg.startswith("-") and arg != "-":
            option, first = (arg, True) if arg in SEVERAL else (None, True)
            found.append(arg)
            continue
        if option is not None and not first:
            found.append(option)
        first = False
        found.append(arg)
    return found


def list_options(command: Callable[..., Any], *, wanted: bool = True) -> Callable[..., Any]:
    """The three options for lists; without `wanted` none must be given."""
    for name, words, required in (
        ("protests", "Lists of protests (Mass Mobilization, ACLED, GDELT), or news items as JSON Lines.", False),
        ("outages", "IODA's lists of investigated outages, with the column Cause.", True),
        ("reports", "Lists of shutdowns (Access Now's STOP), or reports as JSON Lines.", True),
    ):
        option = click.option(
            f"--{name}", name, multiple=True, required=required and wanted, type=_FILE, metavar="FILE…", help=words
        )
        command = option(command)
    return command


def lists_of(reports: tuple[Path, ...], outages: tuple[Path, ...], protests: tuple[Path, ...]) -> Lists:
    """The lists, each file once."""
    return Lists(*(tuple(dict.fromkeys(paths)) for paths in (reports, outages, protests)))


class YearsType(click.ParamType):
    """Years as `2019`, `2016-2018`, or several of these with commas."""

    name = "years"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Years:
        """The years of a text."""
        if isinstance(value, frozenset):
            return value
        years: set[int] = set()
        for part in str(value).split(","):
            first, _, last = part.strip().partition("-")
            if not (first.isdecimal() and (last or first).isdecimal() and len(first) == len(last or first) == 4):
                self.fail(f"{value!r}: give years as 2019, 2016-2018 or 2016,2018", param, ctx)
            years.update(range(int(first), int(last or first) + 1))
        if not years:
            self.fail(f"{value!r}: the last year is before the first", param, ctx)
        return frozenset(years)


class SplitType(click.ParamType):
    """`2019`: fit on all years before, score from then on; `2016-2018:2019`: fit on the first, score the second."""

    name = "split"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Years, Years]:
        """Years to fit on, and to score."""
        if isinstance(value, tuple):
            return value
        fit, colon, score = str(value).partition(":")
        years = YearsType()
        if colon:
            return years.convert(fit, param, ctx), years.convert(score, param, ctx)
        first = min(years.convert(fit, param, ctx))
        return frozenset(range(1990, first)), frozenset(range(first, 2101))
