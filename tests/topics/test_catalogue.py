"""The catalogue is complete, documented and consistent with itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import topics
from topics import CATALOGUE, RECORD_LIMIT_BYTES
from topics.catalogue import as_markdown

ROOT = Path(__file__).parents[2]


def test_the_documents_table_is_the_catalogues() -> None:
    assert (ROOT / "docs" / "TOPICS.md").read_text() == as_markdown(), (
        "run: shutdowns topics describe --markdown > docs/TOPICS.md"
    )


def test_one_module_a_topic() -> None:
    for topic in CATALOGUE:
        assert (ROOT / "topics" / f"{topic.name.replace('-', '_')}.py").is_file()


def test_the_topics() -> None:
    assert [topic.name for topic in CATALOGUE] == [
        "measurements", "form-reports", "reports", "news", "evidence", "drops", "shutdowns", "shutdown-changes",
        "candidates", "invalid", "undelivered",
    ]  # fmt: skip
    assert [topic.name for topic in CATALOGUE if topic.cleanup == "compact"] == ["shutdowns", "candidates"]


@pytest.mark.parametrize("topic", CATALOGUE, ids=lambda topic: topic.name)
def test_a_record_fits_its_topic(topic: topics.Topic) -> None:
    assert topic.max_message_bytes > RECORD_LIMIT_BYTES
    assert topic.config()["max.message.bytes"] == str(topic.max_message_bytes)


@pytest.mark.parametrize("topic", CATALOGUE, ids=lambda topic: topic.name)
def test_every_record_says_who_and_what_it_is(topic: topics.Topic) -> None:
    for record in topic.records:
        info = msgspec.inspect.type_info(record)
        assert isinstance(info, msgspec.inspect.StructType)
        assert info.tag_field == "schema"
        assert str(info.tag).endswith("/1")
        assert "id" in record.__struct_fields__
        assert record.__doc__


def test_prefixed_topics_keep_everything_else() -> None:
    one = CATALOGUE[0].prefixed("test-")
    assert (one.name, one.partitions) == ("test-measurements", CATALOGUE[0].partitions)


def test_the_public_surface_is_what_it_says() -> None:
    assert sorted(topics.__all__) == sorted(set(topics.__all__))
    for name in topics.__all__:
        assert hasattr(topics, name)
