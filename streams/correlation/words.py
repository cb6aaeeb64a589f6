"""Evidence and conclusions in words that people read."""

from __future__ import annotations

from collections.abc import Iterable

from streams import geography
from topics import Blocking, Claim, Coverage, Outage, Place, Protest, service_words, signal_facts
from topics.reports import ReporterKind


def signal_words(signals: Iterable[str]) -> str:
    return listed(dict.fromkeys(signal_facts(signal).words for signal in signals))


def listed(items: Iterable[str]) -> str:
    """`a, b and c`."""
    names = list(items)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def sentence(words: str) -> str:
    """The same with its first letter large: names of signals and sources are small."""
    return words[:1].upper() + words[1:]


def country_words(codes: Iterable[str], most: int = 6) -> str:
    """Countries by name, at most so many of them: `Benin, Ghana and 3 others`."""
    names = sorted({_country(code) for code in codes})
    if len(names) <= most:
        return listed(names)
    return listed([*names[:most], counted(len(names) - most, "other")])


def _country(code: str) -> str:
    try:
        return geography.country_place(code).name
    except geography.GeographyError:
        return code


def distance(off_s: int) -> str:
    """How far off a drop was from what is claimed: `3 h after`, `20 min before`."""
    seconds = abs(off_s)
    if seconds < 3_600:
        length = f"{max(1, seconds // 60)} min"
    elif seconds < 172_800:
        length = f"{seconds / 3_600:.1f} h".replace(".0 h", " h")
    else:
        length = f"{seconds / 86_400:.1f} days".replace(".0 days", " days")
    return f"{length} {'after' if off_s > 0 else 'before'}"


def counted(number: int, noun: str) -> str:
    """`1 source`, `2 sources`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def place_words(place: Place) -> str:
    return place.name if place.kind != "region" else f"{place.name} region"


def outage_words(outage: Outage) -> str:
    deep = f", down to {outage.ratio_min:.0%} of normal" if outage.ratio_min is not None else ""
    still = ", not over yet" if outage.until_s is None else ""
    cause = f"; cause, as its source says: {outage.cause}" if outage.cause else ""
    return f"{signal_words(outage.signals)} dropped in {place_words(outage.place)}{deep}{still}{cause}"


def claim_words(claim: Claim, people: int = 0) -> str:
    """What a claim says. `people`: it stands for those of so many individuals."""
    who = f"{people} individuals say" if people > 1 else f"{who_words(claim)} says"
    what = {"service": "services were blocked", "throttling": "connections were throttled"}.get(
        claim.extent or "", "the internet was cut"
    )
    if claim.attribution == "denied":
        what = "nothing was cut"
    elif claim.attribution == "announced":
        what = "the internet will be cut"
    elif claim.attribution == "technical":
        what = f"the internet was down, by {claim.cause}" if claim.cause else "the internet was down"
    networks = f" ({listed(claim.networks)})" if claim.networks else ""
    after = f", after {listed(claim.cites)}" if claim.cites else ""
    return f"{who} that {what}{networks} in {place_words(claim.place)}{after}"


#: Who reports, where no name is known.
_REPORTERS: dict[ReporterKind, str] = {
    "individual": "an individual",
    "organisation": "an organisation",
    "media": "a news outlet",
    "operator": "a network operator",
    "government": "a government body",
}


def who_words(claim: Claim) -> str:
    """Who says what is claimed: by name, or what kind of source it is."""
    return claim.reporter_name or _REPORTERS[claim.reporter]


def protest_words(protest: Protest) -> str:
    return f"protest in {place_words(protest.place)}" + (f": {protest.title}" if protest.title else "")


def coverage_words(coverage: Coverage) -> str:
    said = {"d": "dropped", "n": "normal", "m": "missing", "u": "not judged yet"}
    kinds = [words for letter, words in said.items() if letter in coverage.hours]
    return f"{signal_words([coverage.signal])} of {place_words(coverage.place)}: {listed(kinds)}"


def blocking_words(piece: Blocking) -> str:
    """`WhatsApp blocked in Uganda: 90 % of 400 tests failed, 2 % is usual`."""
    what = service_words(piece.service) if piece.service else "services"
    how = f" ({piece.method})" if piece.method else ""
    tests = f"{piece.share:.0%} of {counted(piece.tests, 'test')}" if piece.tests else f"{piece.share:.0%} of tests"
    usual = f", {piece.usual:.0%} is usual" if piece.usual is not None else ""
    page = ", block pages seen" if piece.confirmed else ""
    still = ", not over yet" if piece.until_s is None else ""
    return f"{what} blocked in {place_words(piece.place)}{how}: {tests} failed{usual}{page}{still}"


def series_words(series: str) -> str:
    """`ioda/region/2088/ping-slash24` as `active probing (ioda, region 2088)`; others as they are."""
    parts = series.split("/")
    if len(parts) < 3:
        return series
    return f"{signal_words([parts[-1]])} ({parts[0]}, {' '.join(parts[1:-1])})"
