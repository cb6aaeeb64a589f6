"""`shutdowns schema`: the contract as JSON Schema and AsyncAPI, for readers in any language."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from streams.errors import StreamsError
from topics import CATALOGUE
from topics.compatibility import breaks
from topics.schema import as_text, documents, schema_name


class IncompatibleError(StreamsError):
    """A schema would change in a way that breaks readers or records of the one before."""


@click.command()
@click.argument("name", required=False)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write all documents into this folder. Refuses what breaks a document that is there already.",
)
def schema(name: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of a record, e.g. `shutdown/1`, or `asyncapi`: the document of all topics.

    Without NAME it lists what there is. The documents are made from the record types themselves; the folder
    docs/schema has them as files. Needs no Kafka.
    """
    known = dict(documents())
    if folder is not None:
        write(folder)
        click.echo(f"{len(known)} documents in {folder}")
    elif name is None:
        click.echo("\n".join([*(schema_name(one) for topic in CATALOGUE for one in topic.records), "asyncapi"]))
    else:
        file = f"{name.replace('/', '-')}.json"
        if file not in known:
            raise click.UsageError(f"there is no schema {name!r}; `shutdowns schema` lists what there is")
        click.echo(as_text(known[file]), nl=False)


def incompatible(folder: Path) -> list[str]:
    """What in today's record types breaks the schemas in `folder`, a sentence each."""
    found = []
    for topic in CATALOGUE:
        for record in topic.records:
            name = schema_name(record)
            file = folder / f"{name.replace('/', '-')}.json"
            if file.exists():
                new = dict(documents())[file.name]
                found += [f"{name} {one}" for one in breaks(orjson.loads(file.read_bytes()), new, raw=topic.raw)]
    return found


def write(folder: Path) -> None:
    """Write all documents.

    Raises:
        IncompatibleError: one there would be broken; nothing is written then.
    """
    if faults := incompatible(folder):
        raise IncompatibleError(
            "; ".join(faults) + ". Keep the old form readable, or make it a new version of the record: name/2."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file, document in documents():
        (folder / file).write_text(as_text(document), encoding="utf-8")
