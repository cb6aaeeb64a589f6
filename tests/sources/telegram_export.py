"""A maker of Telegram exports, in the form that Telegram Desktop writes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

#: 28 February 2021, 14:05 in Almaty.
FIVE_PAST_TWO_S = 1_614_499_500
SALT = b"a salt for the tests alone"


def message(number: int, text: Any, at_s: int = FIVE_PAST_TWO_S, **more: Any) -> dict[str, Any]:
    """A message of the channel itself; `more` adds and replaces fields."""
    local = dt.datetime.fromtimestamp(at_s, dt.timezone(dt.timedelta(hours=6)))
    found = {
        "id": number,
        "type": "message",
        "date": local.strftime("%Y-%m-%dT%H:%M:%S"),
        "date_unixtime": str(at_s),
        "from": "Город сегодня",
        "from_id": "channel1234567890",
        "text": text,
        "text_entities": [],
    }
    return found | more


def edited(at_s: int) -> dict[str, Any]:
    """The fields of an edit."""
    return {"edited": "2021-02-28T18:00:00", "edited_unixtime": str(at_s)}


def export(path: Path, *messages: dict[str, Any], name: str = "Город сегодня", id_: int = 1_234_567_890) -> Path:
    """Write the export of one channel, indented as Telegram Desktop does."""
    content = {"name": name, "type": "public_channel", "id": id_, "messages": list(messages)}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
