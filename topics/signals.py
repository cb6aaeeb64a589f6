"""The catalogue of signals: what is true of each, once. A new signal is one row here.

What a signal sees of a cut (`fixed`, `mobile`) is a share of the drop that a full cut of those networks would cause
in it. The numbers are starting points, to be fitted; each row says in `why` where its own come from. Most follow
"Destination Unreachable" (Bischof et al., SIGCOMM 2023, section 5): most cuts of mobile networks don't show in
probing or routing, and networks stay announced in many cuts of fixed lines too. IODA's list that goes with the
paper can't give the shares: an outage is on it because its signals showed it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

#: How a signal measures. Two signals of one kind see one thing: two telescopes are no two ways of measuring.
SignalKind = Literal["routing", "probing", "telescope", "traffic", "volunteers", "index", "delay", "other"]

#: Who names signals, each in its own way: IODA's API, the CSV export of its dashboard (how a column begins), its
#: list of investigated outages (columns), Cloudflare's annotations and anomalies, OONI's and RIPEstat's counts.
Naming = Literal["ioda", "ioda-export", "ioda-outages", "cloudflare", "ooni", "ripestat"]


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
        forecast: whether it is what a model expected, computed from another signal, and no measurement.
        lag_s: seconds after a step until its values are final; None: nobody asks for them live.
        names: what sources call it, by whose naming it is.
        usual: whether a series that names no signals is of this one, in a scenario: one of each kind that IODA
            measures itself.
        products: whether it exists for single products too, with codes of their own: `gtr-youtube`.
        why: the reason for `fixed`, `mobile` and `contradicts`.
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
    forecast: bool = False
    lag_s: int | None = None
    names: tuple[tuple[Naming, str], ...] = ()
    products: bool = False
    usual: bool = False
    why: str = ""


_TELESCOPE = (
    "Infected machines on fixed lines send to it, those behind shared addresses count once. Never enough alone."
)
_TRAFFIC = (
    "It counts what people use, on fixed lines and mobile networks; automatic traffic is what remains in a cut."
)
_BLOCKING = "Somebody must be online to measure blocking: a cut shows in the count of measurements, not in these."
_UPDATES = "As BGP. Updates rise when a cut begins and then stop, so that their number contradicts nothing."

# fmt: off
SIGNALS: tuple[SignalFacts, ...] = (
    SignalFacts(
        "bgp", "BGP", "routing", "visible /24s", step_s=300, fixed=0.5, mobile=0.1, contradicts=0.3, lag_s=1_200,
        usual=True,
        names=(
            ("ioda", "bgp"), ("ioda-export", "bgp"), ("ioda-outages", "ioda_bgp_visible_by_human"),
            ("cloudflare", "BGP"),
        ),
        why="It sees withdrawals only: in most cuts networks stay announced. Never enough alone.",
    ),
    SignalFacts(
        "ping-slash24", "active probing", "probing", "/24s up", step_s=600, mobile=0.15, contradicts=1.0,
        lag_s=1_800, usual=True,
        names=(
            ("ioda", "ping-slash24"), ("ioda-export", "active_probing"),
            ("ioda-outages", "ioda_ap_visible_by_human"),
        ),
        why="Fixed lines answer probes; mobile networks behind shared addresses hardly do.",
    ),
    SignalFacts(
        "ping-slash24-loss", "loss of probes", "probing", "% lost", step_s=600, mobile=0.15, contradicts=0.0,
        more_is_worse=True,
        names=(("ioda", "ping-slash24-loss"),),
        why="As active probing. Its values are not read, so that it contradicts nothing.",
    ),
    SignalFacts(
        "ping-slash24-latency", "delay of probes", "probing", "ms", step_s=600, fixed=0.2, mobile=0.1,
        contradicts=0.0, more_is_worse=True,
        names=(("ioda", "ping-slash24-latency"),),
        why="Answers alone have a delay: a full cut leaves none, and what remains may be as fast as before.",
    ),
    SignalFacts(
        "upstream-delay-penult-asns", "networks before the last hop", "delay", "frequency", step_s=3_600,
        fixed=0.2, mobile=0.1, contradicts=0.0,
        names=(("ioda", "upstream-delay-penult-asns"),),
        why="Paths that end say little of those that don't. Its values are not read.",
    ),
    SignalFacts(
        "upstream-delay-penult-e2e-latency", "delay up to the last network", "delay", "ms", step_s=3_600,
        fixed=0.2, mobile=0.1, contradicts=0.0, more_is_worse=True,
        names=(("ioda", "upstream-delay-penult-e2e-latency"),),
        why="Answers alone have a delay: a full cut leaves none. Its values are not read.",
    ),
    SignalFacts(
        "merit-nt", "the Merit telescope", "telescope", "source addresses", step_s=300, rhythm=True, mobile=0.15,
        contradicts=0.3, lag_s=1_200, usual=True,
        names=(("ioda", "merit-nt"), ("ioda-export", "telescope")), why=_TELESCOPE,
    ),
    SignalFacts(
        "ucsd-nt", "the UCSD telescope", "telescope", "source addresses", step_s=300, rhythm=True, mobile=0.15,
        contradicts=0.3,
        names=(("ioda", "ucsd-nt"), ("ioda-outages", "ioda_ibr_visible_by_human")), why=_TELESCOPE,
    ),
    SignalFacts(
        "gtr", "Google traffic", "traffic", "requests", step_s=1_800, lineage="google", rhythm=True, mobile=0.9,
        contradicts=1.0, lag_s=7_200,
        names=(("ioda", "gtr"), ("ioda-export", "google")), products=True, why=_TRAFFIC,
    ),
    SignalFacts(
        "gtr-norm", "Google traffic", "traffic", "share of the maximum", step_s=1_800, lineage="google",
        rhythm=True, mobile=0.9, contradicts=1.0,
        names=(("ioda", "gtr-norm"),), products=True, why=_TRAFFIC,
    ),
    SignalFacts(
        "gtr-sarima", "Google traffic as forecast", "traffic", "requests", step_s=1_800, lineage="google",
        rhythm=True, mobile=0.9, contradicts=0.0, forecast=True,
        names=(("ioda", "gtr-sarima"),), products=True, why="What a model expected: it contradicts nothing.",
    ),
    SignalFacts(
        "mozilla", "Mozilla's count of cities", "traffic", "%", step_s=3_600, lineage="mozilla", rhythm=True,
        mobile=0.5, contradicts=0.5,
        names=(("ioda", "mozilla"), ("ioda-export", "mozilla")),
        why="One browser's users, a sample of all: half of what traffic is worth.",
    ),
    SignalFacts(
        "traffic", "traffic", "traffic", "share", rhythm=True, mobile=0.9, contradicts=1.0,
        names=(("cloudflare", "ALL"),), why=_TRAFFIC,
    ),
    SignalFacts(
        "netflows", "traffic (Cloudflare)", "traffic", "share of the maximum", rhythm=True, mobile=0.9,
        contradicts=1.0, lag_s=1_800,
        names=(("cloudflare", "NET"),), why=_TRAFFIC,
    ),
    SignalFacts(
        "http-requests", "HTTP requests (Cloudflare)", "traffic", "share of the maximum", rhythm=True, mobile=0.9,
        contradicts=1.0,
        names=(("cloudflare", "HTTP"),), why=_TRAFFIC,
    ),
    SignalFacts(
        "dns-queries", "DNS queries (Cloudflare)", "traffic", "share of the maximum", rhythm=True, mobile=0.9,
        contradicts=0.5,
        names=(("cloudflare", "DNS"),),
        why="Those who chose Cloudflare's resolver, a sample of all: half of what traffic is worth.",
    ),
    SignalFacts(
        "connectivity-index", "the connectivity index", "index", "of 10 or 100", step_s=3_600, mobile=0.15,
        contradicts=0.5, why="Made of probes, as active probing; too coarse to contradict alone.",
    ),
    SignalFacts(
        "ooni-measurements", "OONI's volunteers", "volunteers", "measurements", rhythm=True, mobile=0.5,
        contradicts=0.0, lag_s=10_800,
        names=(("ooni", "measurement_count"),), products=True,
        why="Few volunteers, on both: their count falls in a cut, but that it is usual says nothing.",
    ),
    SignalFacts(
        "ooni-anomalies", "OONI's anomalies", "volunteers", "measurements", rhythm=True, fixed=0.0, mobile=0.0,
        contradicts=0.0, more_is_worse=True, lag_s=10_800,
        names=(("ooni", "anomaly_count"),), products=True, why=_BLOCKING,
    ),
    SignalFacts(
        "ooni-confirmed", "blocking that OONI confirmed", "volunteers", "measurements", rhythm=True, fixed=0.0,
        mobile=0.0, contradicts=0.0, more_is_worse=True, lag_s=10_800,
        names=(("ooni", "confirmed_count"),), products=True, why=_BLOCKING,
    ),
    SignalFacts(
        "ooni-failures", "OONI's failures", "volunteers", "measurements", rhythm=True, fixed=0.0, mobile=0.0,
        contradicts=0.0, more_is_worse=True, lag_s=10_800,
        names=(("ooni", "failure_count"),), products=True, why=_BLOCKING,
    ),
    SignalFacts(
        "atlas-probes", "RIPE Atlas probes connected", "volunteers", "probes", step_s=600, fixed=0.9, mobile=0.05,
        contradicts=0.0, lag_s=1_800,
        why="Volunteers' devices on fixed lines: few, and a power cut takes them away as well.",
    ),
    SignalFacts(
        "delay-alarms", "alarms of delay (IHR)", "delay", "alarms", step_s=3_600, fixed=0.2, mobile=0.05,
        contradicts=0.0, more_is_worse=True, lag_s=10_800,
        why="Paths that end say little of those that don't: a full cut leaves none to be slow.",
    ),
    SignalFacts(
        "bgp-announcements", "BGP announcements", "routing", "updates", fixed=0.5, mobile=0.1, contradicts=0.0,
        more_is_worse=True, lag_s=14_400,
        names=(("ripestat", "announcements"),), why=_UPDATES,
    ),
    SignalFacts(
        "bgp-withdrawals", "BGP withdrawals", "routing", "updates", fixed=0.5, mobile=0.1, contradicts=0.0,
        more_is_worse=True, lag_s=14_400,
        names=(("ripestat", "withdrawals"),), why=_UPDATES,
    ),
)
# fmt: on

_BY_CODE = {signal.code: signal for signal in SIGNALS}


def signal_facts(code: str) -> SignalFacts:
    """The row of a signal; of one that the catalogue doesn't know a row that claims little for it."""
    known = _BY_CODE.get(code)
    return known if known is not None else _derived(code)


@lru_cache(maxsize=1_024)
def split_product(code: str) -> tuple[str, str | None]:
    """A signal's code without the product that it is of, and that; None where it is of none.

    >>> split_product("gtr-youtube"), split_product("gtr")
    (('gtr', 'youtube'), ('gtr', None))
    """
    whole = [one.code for one in SIGNALS if one.products and code.startswith(f"{one.code}-")]
    if code in _BY_CODE or not whole:
        return code, None
    longest = max(whole, key=len)
    return longest, code.removeprefix(f"{longest}-")


@lru_cache(maxsize=1_024)
def _derived(code: str) -> SignalFacts:
    """The row of a signal for one product, else of an unknown signal."""
    whole, product = split_product(code)
    if product is not None:
        found = _BY_CODE[whole]
        return replace(found, code=code, words=f"{found.words} ({product})", lag_s=None, names=())
    return SignalFacts(code, code, "other", "its own", contradicts=0.0, why="Unknown: it contradicts nothing.")


@cache
def signals_named(naming: Naming) -> dict[str, str]:
    """The codes of the signals that somebody names, by the names: `{"anomaly_count": "ooni-anomalies", ...}`."""
    return {name: signal.code for signal in SIGNALS for who, name in signal.names if who == naming}


def final_after_s(code: str) -> int:
    """Seconds after a step until a signal's values are final.

    Raises:
        KeyError: nobody asks for it live, so that the catalogue doesn't say.
    """
    lag_s = signal_facts(code).lag_s
    if lag_s is None:
        raise KeyError(f"{code} has no `lag_s` in the catalogue of signals: give its row one")
    return lag_s


def kind_of_measuring(code: str) -> str:
    """How a signal measures. An unknown one measures in its own way: its code is its kind."""
    kind = signal_facts(code).kind
    return code if kind == "other" else kind
