"""The group of all commands. Each is imported when it is called, so that `--help` is quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module, metadata
from typing import Any

import click

from streams.errors import StreamsError
from streams.settings import CONFIG_VARIABLE

#: Command -> the module that has it, under the same name; and the line that `--help` shows.
COMMANDS = {
    "demo": ("streams.cli.demo", "Play Kazakhstan, 28 February 2021, through Kafka and show what comes out."),
    "kafka": ("streams.cli.kafka", "Run a real Kafka broker on this machine."),
    "topics": ("streams.cli.topics", "Create and describe the topics."),
    "schema": ("streams.cli.schema", "Print the JSON Schema of a record, or the AsyncAPI document of the topics."),
    "worker": ("streams.cli.worker", "Run the stages: detect, claims, protests, correlate."),
    "rebuild": ("streams.cli.rebuild", "Make the stages' state anew from their topics, and switch over to it."),
    "ingest": ("streams.cli.ingest", "Publish lists and measurements that others made."),
    "sources": ("streams.cli.sources", "List the sources and what each needs; show how the live ones fare."),
    "correlate": ("streams.cli.correlate", "Run the stages over files, without Kafka."),
    "candidates": ("streams.cli.candidates", "List near misses: what fell short of a shutdown, and by what."),
    "rules": ("streams.cli.rules", "Show, check and compare the rules of correlation."),
    "detect": ("streams.cli.detect", "Find outages in files of measurements, and draw them."),
    "locate": ("streams.cli.locate", "Find the places that a text names, in any language, and map them."),
    "lag": ("streams.cli.lag", "Show how far the stages are behind."),
    "plan": ("streams.cli.plan", "Say how many partitions and workers a load needs, by measured figures."),
    "bench": ("streams.cli.bench", "Run the whole system for long, and judge whether memory and delays stay flat."),
    "settings": ("streams.cli.settings", "Show the settings in force, and where each is from."),
    "api": ("streams.cli.api", "Serve the shutdowns over HTTP, to services and people."),
    "serve-reports": ("streams.cli.serve_reports", "Take citizens' reports over HTTP, and nothing else."),
    "release-reports": ("streams.cli.release_reports", "Let the form's reports go on, checked, many at once."),
    "notify": ("streams.cli.notify", "Tell a webhook of every change, at least once."),
    "digest": ("streams.cli.digest", "Put the shutdowns of the last hours into an e-mail."),
    "archive": ("streams.cli.archive", "Copy topics to Parquet, every offset exactly once; verify it."),
    "list": ("streams.cli.list", "List the shutdowns by country, time and level."),
    "show": ("streams.cli.show", "Show one shutdown with its evidence, map and timeline, or its history."),
    "plot": ("streams.cli.plot", "Draw a shutdown: signals, claims, protests and a map."),
    "report": ("streams.cli.report", "Write a year of a country, or of the world, as one page."),
    "export": (
        "streams.cli.export",
        "Write shutdowns as GeoJSON, CSV, Parquet, CAP, CloudEvents or STOP's columns.",
    ),
    "diff": ("streams.cli.diff", "Say what two replays don't agree on, and why."),
    "replay": ("streams.cli.replay", "Take the topics back in time: as of a moment, with other rules, on a clock."),
    "evaluate": ("streams.cli.evaluate", "Measure the engine on published lists whose causes are known."),
    "fit": ("streams.cli.fit", "Fit the model of probability on such lists."),
    "invalid": ("streams.cli.invalid", "List the records that could not be read or located."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use; a `StreamsError` ends it with its message, exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StreamsError as error:
            click.secho(f"shutdowns: {error}", fg="red", err=True)
            sys.exit(1)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("shutdown-streams"), message="shutdown-streams %(version)s")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    help="File of settings in TOML; see `shutdowns settings`.",
)
def shutdowns(config: str | None) -> None:
    """Tell, with the evidence, where the internet was cut off on purpose.

    `shutdowns demo` shows the whole path on this machine. With a Kafka of your own: `shutdowns topics
    create`, then `shutdowns worker` as often as you like, then `shutdowns ingest`.
    """
    if config is not None:
        os.environ[CONFIG_VARIABLE] = config
