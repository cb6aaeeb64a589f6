"""`shutdowns rules`: the rules of correlation, shown, checked and compared."""

from __future__ import annotations

from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.correlation import Rule, Rules, load_rules

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rules() -> None:
    """The rules of correlation: windows, weights and bounds, each with its version and its reason.

    To change some: `shutdowns rules show --toml > rules.toml`, edit values (and raise their `version`), then
    `shutdowns rules check rules.toml`. Give the file to `shutdowns correlate --rules`, `shutdowns replay --rules`
    or `shutdowns worker --rules`. The hash of the rules that concluded it is in every shutdown.
    """


@rules.command()
@click.option("--rules", "path", type=FILE, help="A file of rules instead of the default ones.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a rule.")
@click.option("--toml", "as_toml", is_flag=True, help="The default rules as the file that they are.")
def show(path: Path | None, as_json: bool, as_toml: bool) -> None:
    """Show the rules in force: id, value, version and why."""
    if as_toml:
        from streams.correlation.rules import default_text

        click.echo(path.read_text(encoding="utf-8") if path else default_text(), nl=False)
        return
    found = load_rules(path)
    if as_json:
        for rule in found.all:
            row = {"id": rule.id, "value": rule.value, "version": rule.version, "why": rule.why}
            click.echo(orjson.dumps(row))
        return
    table = Table("rule", "value", "version", "why", box=None, pad_edge=False)
    for rule in found.all:
        table.add_row(Text(rule.id, style="cyan"), _value(rule), str(rule.version), rule.why)
    console = Console()
    console.print(table)
    console.print(f"{len(found.all)} rules, hash {found.hash}", style="dim", highlight=False)


@rules.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say whether FILE can be used; if not, which lines are at fault. Exits with 1 if it can't.

    Refused are a window longer than the lateness bound, two rules that conflict, and a value out of bounds.
    """
    found = load_rules(file)
    for before, now in _changed(load_rules(), found):
        if now.version <= before.version:
            words = (
                f"`{now.id}` has another value than the default and not a higher version ({now.version}): raise it,"
            )
            click.secho(f"{words} so that shutdowns tell the two apart", fg="yellow", err=True)
    click.echo(f"{file}: {len(found.all)} rules, hash {found.hash}: can be used")


@rules.command()
@click.argument("file", type=FILE)
@click.argument("other", type=FILE, required=False)
def diff(file: Path, other: Path | None) -> None:
    """Show what FILE changes against the default rules, or OTHER against FILE."""
    before, now = (load_rules(), load_rules(file)) if other is None else (load_rules(file), load_rules(other))
    table = Table("rule", "before", "now", "version", "why", box=None, pad_edge=False)
    number = 0
    for old, new in _changed(before, now):
        number += 1
        version = f"{old.version} → {new.version}" if old.version != new.version else str(new.version)
        table.add_row(Text(new.id, style="cyan"), _value(old), _value(new), version, new.why)
    console = Console()
    if number:
        console.print(table)
    console.print(
        f"{number} rule{'' if number == 1 else 's'} changed; hash {before.hash} → {now.hash}"
        if number
        else f"no rule changed; hash {now.hash}",
        style="dim",
        highlight=False,
    )


def _changed(before: Rules, now: Rules) -> list[tuple[Rule, Rule]]:
    """The rules of two sets that differ in value or version; both have the same ids."""
    pairs = zip(before.all, now.all, strict=True)
    return [(old, new) for old, new in pairs if (old.value, old.version) != (new.value, new.version)]


def _value(rule: Rule) -> str:
    """A value with its unit: `2 h`, `50 km`."""
    if rule.id.endswith("_km"):
        return f"{rule.value:g} km"
    if not rule.id.endswith("_s"):
        return f"{rule.value:g}"
    for seconds, unit in ((86_400 * 365.25, "years"), (86_400, "days"), (3600, "h"), (60, "min")):
        if rule.value >= 2 * seconds or (rule.value == seconds and unit in ("h", "min")):
            return f"{rule.value / seconds:.4g} {unit}"
    return f"{rule.value:g} s"
