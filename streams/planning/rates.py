"""From figures measured at four shapes of records to any shape: what one costs, writes and weighs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from streams.planning.figures import Figure

#: The shapes that were measured: so many series in a record, so many values of each.
SERIES, VALUES = (1, 50), (1, 144)


def of_shape(figures: Mapping[str, Figure], name: str, series: int, values: int) -> float:
    """A figure of records of `series` rows with `values` each, from the four measured.

    Between them it is worked out as a power of each; beyond the largest it grows as fast as the record.
    """
    known = {(s, v): math.log(figures[f"{name}_{s}x{v}"].value) for s in SERIES for v in VALUES}
    across = min(1.0, math.log(series) / math.log(SERIES[1]))
    along = min(1.0, math.log(values) / math.log(VALUES[1]))
    short = known[1, 1] + across * (known[50, 1] - known[1, 1])
    long = known[1, 144] + across * (known[50, 144] - known[1, 144])
    beyond = max(1.0, series / SERIES[1]) * max(1.0, values / VALUES[1])
    return math.exp(short + along * (long - short)) * beyond
