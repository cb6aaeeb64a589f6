"""The catalogue of signals: what is true of each, once. A new signal is one row here.

What a signal sees of a cut (`fixed`, `mobile`) is a share of the drop that a full cut of those networks would cause
in it. Starting points from "Destination Unreachable" (Bischof et al., SIGCOMM 2023, section 5): most cuts of mobile
networks don't show in probing or routing; networks stay announced in many cuts of fixed lines too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a signal measures. Two signals of one kind see one thing: two telescopes are no two ways of measuring.
SignalKind = Literal["routing", "probing", "telescope", "traffic", "volunteers", "index", "delay", "other"]


@dataclass(frozen=True)
class SignalFacts:
    """One signal and what is true of it whoever reads it.

    Args:
        code: as sources and records name it, IODA's datasource code where it has one.
        words: as people call it.
        kind: how it measures.
        unit: of its values.
        step_s: seconds from one value to the next as its source gives them out; None: it differs.
        lineage: whose measurement it is, where that is not the source that gives it out.
        rhythm: whether ordinary days and weeks show in it.
        fixed: share of a full cut of fixed lines that shows in it, 0 to 1.
        mobile: share of a full cut of mobile networks that shows in it, 0 to 1.
        contradicts: how much it may contradict a claim that it would have seen: 1 is enough alone, what reaches 1
            together is enough where it is of two kinds.
        more_is_worse: whether a rise is the bad news: counts of anomalies, withdrawals.
    """

    code: str
    words: str
    kind: SignalKind
    unit: str
    step_s: int | None = None
    lineage: str | None = None
    rhythm: bool = False
    fixed: float = 0.9
    mobile: float = 0.5
    contradicts: float = 0.5
    more_is_worse: bool = False


SIGNALS: tuple[SignalFacts, ...] = (
    SignalFacts("bgp", "BGP", "routing", "visible /24s", 300, fixed=0.5, mobile=0.1, contradicts=0.3),
    SignalFacts("ping-slash24", "active probing", "probing", "/24s up", 600, mobile=0.15, contradicts=1.0),
    SignalFacts(
        "ping-slash24-loss",
        "loss of probes",
        "probing",
        "% lost",
        600,
        mobile=0.15,
        contradicts=0.0,
        more_is_worse=True,
    ),
    SignalFacts(
        "ping-slash24-latency",
        "delay of probes",
        "delay",
        "ms",
        600,
        mobile=0.1,
        contradicts=0.0,
        more_is_worse=True,
    ),
    SignalFacts(
        "merit-nt",
        "the Merit telescope",
        "telescope",
        "source addresses",
        300,
        rhythm=True,
        mobile=0.15,
        contradicts=0.3,
    ),
    SignalFacts(
        "ucsd-nt",
        "the UCSD telescope",
        "telescope",
        "source addresses",
        300,
        rhythm=True,
        mobile=0.15,
        contradicts=0.3,
    ),
    SignalFacts(
        "gtr", "Google traffic", "traffic", "requests", 1800, "google", rhythm=True, mobile=0.9, contradicts=1.0
    ),
    SignalFacts(
        "gtr-norm",
        "Google traffic",
        "traffic",
        "share of the maximum",
        1800,
        "google",
        rhythm=True,
        mobile=0.9,
        contradicts=1.0,
    ),
    SignalFacts(
        "gtr-sarima",
        "Google traffic as forecast",
        "traffic",
        "requests",
        1800,
        "google",
        rhythm=True,
        mobile=0.9,
        contradicts=0.0,
    ),
    SignalFacts(
        "mozilla",
        "Mozilla's count of cities",
        "traffic",
        "%",
        3600,
        "mozilla",
        rhythm=True,
        mobile=0.5,
        contradicts=0.5,
    ),
    SignalFacts("traffic", "traffic", "traffic", "share", rhythm=True, mobile=0.9, contradicts=1.0),
    SignalFacts(
        "netflows",
        "traffic (Cloudflare)",
        "traffic",
        "share of the maximum",
        rhythm=True,
        mobile=0.9,
        contradicts=1.0,
    ),
    SignalFacts(
        "http-requests",
        "HTTP requests (Cloudflare)",
        "traffic",
        "share of the maximum",
        rhythm=True,
        mobile=0.9,
        contradicts=1.0,
    ),
    SignalFacts(
        "connectivity-index", "the connectivity index", "index", "of 10 or 100", 3600, mobile=0.15, contradicts=0.5
    ),
    SignalFacts(
        "ooni-measurements",
        "OONI's volunteers",
        "volunteers",
        "measurements",
        rhythm=True,
        mobile=0.5,
        contradicts=0.0,
    ),
    SignalFacts(
        "ooni-anomalies",
        "OONI's anomalies",
        "volunteers",
        "measurements",
        rhythm=True,
        contradicts=0.0,
        more_is_worse=True,
    ),
    SignalFacts(
        "ooni-confirmed",
        "blocking that OONI confirmed",
        "volunteers",
        "measurements",
        rhythm=True,
        contradicts=0.0,
        more_is_worse=True,
    ),
    SignalFacts(
        "ooni-failures",
        "OONI's failures",
        "volunteers",
        "measurements",
        rhythm=True,
        contradicts=0.0,
        more_is_worse=True,
    ),
    SignalFacts(
        "bgp-announcements", "BGP announcements", "routing", "updates", contradicts=0.0, more_is_worse=True
    ),
    SignalFacts("bgp-withdrawals", "BGP withdrawals", "routing", "updates", contradicts=0.0, more_is_worse=True),
)

_BY_CODE = {signal.code: signal for signal in SIGNALS}


def signal_facts(code: str) -> SignalFacts:
    """The row of a signal; of one that the catalogue doesn't know a row that claims little for it."""
    known = _BY_CODE.get(code)
    return known if known is not None else SignalFacts(code, code, "other", "its own", contradicts=0.0)
