"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

import click

from streams.thresholds import Bounds, read_bounds

F = TypeVar("F", bound=Callable[..., Any])


def connection(command: F) -> F:
    """`--bootstrap` and `--prefix`; not given, they come from the environment (see `streams.settings`)."""
    for option in (
        click.option("--prefix", help="Put before the names of all topics and groups."),
        click.option("--bootstrap", metavar="HOST:PORT", help="Kafka's address. [default: 127.0.0.1:9092]"),
    ):
        command = option(command)
    return command


def held(command: F) -> F:
    """`--from`: where shutdowns are kept, as `where`."""
    return click.option(
        "--from",
        "where",
        metavar="ARCHIVE|RUN",
        help="An archive's folder, or the file of a run, instead of Kafka: see `shutdowns replay --out`.",
    )(command)


def thresholds(command: F) -> F:
    """`--happened`, `--on-purpose`, `--probability`: bounds of a shutdown's probabilities."""
    for name, words in (
        ("probability", "Only those that happened and were on purpose with such a probability (their product)."),
        ("on-purpose", "Only those that, given that they happened, were on purpose with such a probability."),
        ("happened", "Only those that happened with such a probability: 0.8 is at least, ..0.3 at most."),
    ):
        command = click.option(f"--{name}", type=BoundsType(), default="0..1", help=words)(command)
    return command


class BoundsType(click.ParamType):
    """Bounds of a probability: `0.8` at least, `..0.3` at most, `0.2..0.5` both."""

    name = "BOUNDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Bounds:
        if isinstance(value, Bounds):
            return value
        try:
            return read_bounds(value)
        except ValueError:
            self.fail(f"{value!r}: write 0.8 for at least, ..0.3 for at most, 0.2..0.5 for both", param, ctx)


def behind_proxies(command: F) -> F:
    """`--proxy`, as `proxies`: what the server takes for a name and never meets is refused here."""
    return click.option(
        "--proxy",
        "proxies",
        default="",
        metavar="ADDRESSES",
        callback=_addresses,
        help="Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between.",
    )(command)


def _addresses(_: click.Context, __: click.Parameter, value: str) -> str:
    for one in value.split(",") if value else ():
        try:
            network = ip_network(one.strip())
        except ValueError as error:
            raise click.BadParameter(f"{error}. Give 10.0.0.7 or 10.244.0.0/16.") from error
        if not network.prefixlen:
            raise click.BadParameter("everybody could say that they ask for somebody else: name the proxies")
    return value


def pausing(command: F) -> F:
    """The options of all commands that make state anew."""
    for option in (
        click.option(
            "--scratch",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder for what is worked on, as large as the state and `evidence`. [default: a temporary one]",
        ),
        click.option(
            "--rules",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Rules of correlation to work with, as the workers will.",
        ),
        click.option(
            "--wait",
            "wait_s",
            type=float,
            default=600.0,
            show_default=True,
            help="Seconds to wait for the workers to stop. Nothing is changed before they have.",
        ),
        click.option(
            "--from-what-is-there",
            "what_is_there",
            is_flag=True,
            help="Go on though the beginning of a topic is gone: what was made of it stays as it stands.",
        ),
        click.option(
            "--archive", "folder", metavar="DIR", help="An archive with the records that Kafka has no more."
        ),
    ):
        command = option(command)
    return command


class Moment(click.ParamType):
    """A time in UTC: `2021-02-28T12:00Z`, or a day, which is its midnight. Unix seconds."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2021-02-28 or 2021-02-28T12:00Z", param, ctx)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def country_code(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A country's alpha-2 code from its code or name."""
    from streams import geography

    code = None if value is None else geography.country_code(value) or geography.country_code(value.upper())
    if value is not None and code is None:
        raise click.BadParameter(f"no country is called {value!r}: give its ISO code or name", ctx, param)
    return code


def country_codes(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """Countries' alpha-2 codes from their codes or names."""
    found = (country_code(ctx, param, one) for one in value)
    return tuple(code for code in found if code is not None)
