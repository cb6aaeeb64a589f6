"""docs/METRICS.md says of every metric what there is of it, and of none that there isn't."""

from __future__ import annotations

import re
from pathlib import Path

from tests.metrics import metrics

DOCS = Path(__file__).parents[1] / "docs" / "METRICS.md"


def test_every_metric_is_documented_and_there_are_no_others() -> None:
    rows = re.findall(r"^\| `(shutdowns_\w+)` \| (.+?) \| (\w+) \| (.+?) \| (.+?) \|$", DOCS.read_text(), re.M)
    written = {row[0]: row[1:] for row in rows}
    assert len(written) == len(rows)
    assert written == {
        name: (", ".join(f"`{one}`" for one in commands), one.kind, ", ".join(one.labels) or "-", one.meaning)
        for name, (one, commands) in metrics().items()
    }
