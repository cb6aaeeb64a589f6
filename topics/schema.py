"""The contract in any language: a JSON Schema of every record, and an AsyncAPI 3 document of the topics.

`shutdowns schema --write docs/schema` keeps them as files; a test holds the two equal.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson

from topics.base import Record, Topic, schema_uri
from topics.catalogue import CATALOGUE
from topics.cloudevents import EVENT_TYPES, SOURCE

#: Schemas by their names, as JSON has them.
Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ABOUT = (
    "Internet shutdowns, corroborated from measurements of connectivity, reports and news of protests. Values are "
    "JSON in UTF-8; fields that a reader does not know are to be ignored. Names of topics may carry a prefix, "
    "the same for all topics of one system."
)

_CE_WORDS = {
    "ce_specversion": "version of CloudEvents",
    "ce_id": "the shutdown's id and revision; with `ce_source` unique among the events of a type",
    "ce_source": "the system that concluded it",
    "ce_type": "what the value is",
    "ce_subject": "the shutdown's id",
    "ce_dataschema": "`$id` of the JSON Schema of the value",
    "ce_time": "when the newest of its evidence was known; absent if no source said so",
    "content-type": "of the value",
}


def schema_name(record: type[Record]) -> str:
    """What `schema` says in a record of this type, e.g. `shutdown/1`."""
    return str(record.__struct_config__.tag)


def record_types() -> list[type[Record]]:
    """The types of all records, in the order of the catalogue, each once."""
    return list(dict.fromkeys(record for topic in CATALOGUE for record in topic.records))


def json_schema(record: type[Record]) -> Schema:
    """The JSON Schema (draft 2020-12) of one record type, complete in itself."""
    (top,), parts = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    own = parts.pop(top["$ref"].rpartition("/")[2])
    schema = {"$schema": DIALECT, "$id": schema_uri(record), **plain(own)}
    if parts:
        schema["$defs"] = {name: plain(part) for name, part in parts.items()}
    return schema


def plain(schema: Any) -> Any:
    """A schema with descriptions as paragraphs: docstrings are indented and broken into lines."""
    if isinstance(schema, dict):
        found = {key: plain(value) for key, value in schema.items()}
        if isinstance(found.get("description"), str):
            found["description"] = " ".join(inspect.cleandoc(found["description"]).split())
        return found
    return [plain(one) for one in schema] if isinstance(schema, list) else schema


def asyncapi() -> Schema:
    """The AsyncAPI 3.0 document: channels with keys, partitions, retention and headers, and who writes them."""
    records = record_types()
    _, parts = msgspec.json.schema_components(records, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "shutdown-streams",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in CATALOGUE},
        "operations": dict(_operation(topic) for topic in CATALOGUE),
        "components": {
            "messages": {
                _message_name(record): _message(topic, record) for topic in CATALOGUE for record in topic.records
            },
            "schemas": {name: plain(part) for name, part in parts.items()},
        },
    }


def _message_name(record: type[Record]) -> str:
    return schema_name(record).replace("/", "-")


def _channel(topic: Topic) -> Schema:
    settings: Schema = {
        "cleanup.policy": [topic.cleanup],
        "retention.ms": topic.retention_ms,
        "max.message.bytes": topic.max_message_bytes,
    }
    names = [_message_name(record) for record in topic.records]
    return {
        "address": topic.name,
        "summary": topic.summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": settings,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operation(topic: Topic) -> tuple[str, Schema]:
    action = "receive" if topic.raw else "send"
    words = "Sources write it, the stages read it." if topic.raw else "This system writes it, for whoever reads."
    if topic.private:
        words = "Servers of the form write it, and one reader of this system has it."
    return f"{action}-{topic.name}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": words,
    }


def _message(topic: Topic, record: type[Record]) -> Schema:
    message: Schema = {
        "name": schema_name(record),
        "title": record.__name__,
        "summary": (record.__doc__ or "").split("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{record.__name__}"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key_words}, "bindingVersion": "0.5.0"}
        },
    }
    if topic.name in EVENT_TYPES:
        message["headers"] = _headers(topic, record)
    return message


def _headers(topic: Topic, record: type[Record]) -> Schema:
    constant = {
        "ce_specversion": "1.0",
        "ce_source": SOURCE,
        "ce_type": EVENT_TYPES[topic.name],
        "ce_dataschema": schema_uri(record),
        "content-type": "application/json",
    }
    properties = {
        name: {"type": "string", "description": words, **({"const": constant[name]} if name in constant else {})}
        for name, words in _CE_WORDS.items()
    }
    properties["ce_time"]["format"] = "date-time"
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka protocol binding, binary mode",
        "properties": properties,
        "required": [name for name in properties if name != "ce_time"],
    }


def documents() -> Iterator[tuple[str, Schema]]:
    """Every document of the contract with the name of its file."""
    for record in record_types():
        yield f"{_message_name(record)}.json", json_schema(record)
    yield "asyncapi.json", asyncapi()


def as_text(document: Schema) -> str:
    """A document as it lies in its file."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
