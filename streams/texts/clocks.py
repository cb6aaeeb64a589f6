"""Clock times and parts of the day in a sentence: "14:00", "2pm", "с двух часов", "الساعة الثانية", "saa nane".

Classes of words: `oclock`, `am`, `pm`, `half`, `morning` and the other parts, `n1` to `n12`, `hour`, `minute`,
`since`, `until`, `at`, `after`, `ago`, `lasting`, `between`. A setting `clock` says how a language counts:
`twelve`, where 2:30 may be in the afternoon; `six`, where the day begins at six and 2 o'clock is eight.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streams.texts.lexicon import Hit, Lexicon
from streams.texts.tokens import Token

Role = Literal["since", "until", "at"]

#: The middle of each part of the day, hours; what is said of it is right within two or three.
PARTS = {"morning": 9, "noon": 12, "afternoon": 15, "evening": 20, "night": 23, "midnight": 0}

#: Zones that people write behind a clock time, hours from UTC.
ZONES = {
    "utc": 0, "gmt": 0, "wat": 1, "cet": 1, "cat": 2, "cest": 2, "eat": 3, "msk": 3, "мск": 3, "pkt": 5, "wib": 7,
    "wita": 8, "wit": 9,
}  # fmt: skip

_EVENING = ("evening", "night")


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time: where it stands, its minute of the day, and what is known of it.

    `either` is set where it may be 12 hours later. `offset_h` is what the text says of the zone.
    """

    first: int
    last: int
    minute: int
    role: Role | None
    either: bool = False
    offset_h: int | None = None
    #: Only a part of the day was said.
    vague: bool = False


class Words:
    """The hits of a sentence by place. No time begins at a `hidden` place: it is a name, or of something else."""

    def __init__(
        self, tokens: Sequence[Token], hits: Sequence[Hit], words: Lexicon, hidden: Container[int] = ()
    ) -> None:
        self.tokens, self.words, self.hidden = tokens, words, hidden
        self.hits = [hit for hit in hits if hit.first not in hidden] if hidden else hits
        self._by_place: dict[int, list[Hit]] = {}
        for hit in self.hits:
            for at in range(hit.first, hit.last + 1):
                self._by_place.setdefault(at, []).append(hit)
        # "To" in "fell to zero at 23:00" is no "until".
        falls = {at for hit in self.hits if hit.kind == "fall" for at in range(hit.first, hit.last + 1)}
        for at in falls:
            self._by_place[at] = [hit for hit in self._by_place[at] if hit.kind != "until"]

    def at(self, place: int, *kinds: str) -> Hit | None:
        """A hit of one of these classes over a place."""
        for hit in self._by_place.get(place, ()):
            if hit.kind in kinds:
                return hit
        return None

    def beginning(self, place: int) -> list[Hit]:
        """The hits that begin at a place, the longest first."""
        return sorted(
            (hit for hit in self._by_place.get(place, ()) if hit.first == place), key=lambda hit: -hit.last
        )

    def near(self, first: int, last: int, *kinds: str, before: int = 0, after: int = 0) -> Hit | None:
        """The nearest hit of these classes that ends at most `before` places before, or begins as many after."""
        for step in range(1, max(before, after) + 1):
            for place, within in ((first - step, before), (last + step, after)):
                if step <= within and 0 <= place < len(self.tokens) and self._joined(place, first, last):
                    hit = self.at(place, *kinds)
                    if hit is not None and not (hit.first <= first <= hit.last):
                        return hit
        return None

    def leading(self, first: int, last: int, *kinds: str, before: int) -> Hit | None:
        """As `near`, before a place alone, and with nothing but small words and words of time between."""
        hit = self.near(first, last, *kinds, before=before)
        if hit is None:
            return None
        between = range(hit.last + 1, first)
        small = all(self.tokens[at].folded in self.words.function or self._by_place.get(at) for at in between)
        return hit if small else None

    def _joined(self, place: int, first: int, last: int) -> bool:
        return self.tokens[place].part == self.tokens[first if place < first else last].part

    def count(self, place: int) -> tuple[int, int] | None:
        """A number at a place, in digits or in words, and where it ends."""
        if not 0 <= place < len(self.tokens):
            return None
        number = self.tokens[place].number
        if number is not None:
            return number, place
        found = [hit for hit in self._by_place.get(place, ()) if hit.first == place and hit.kind in _NUMBERS]
        if not found:
            return None
        best = max(found, key=lambda hit: hit.last)
        return _NUMBERS[best.kind], best.last


_NUMBERS = {f"n{number}": number for number in range(1, 13)}


def clocks(words: Words) -> list[Clock]:
    """The clock times and parts of the day of a sentence, in order."""
    found: list[Clock] = []
    place = 0
    while place < len(words.tokens):
        clock = None if place in words.hidden else _clock(words, place, ranged=bool(found))
        if clock is not None:
            begin = _other_end(words, clock)
            if begin is None and clock.role == "until" and not found and _may_be_at(words, clock):
                clock = replace(clock, role="at")
            found += [clock] if begin is None else [begin, replace(clock, role="until", either=False)]
            place = clock.last + 1
        else:
            place += 1
    return _once(words, found) or _parts(words)


def _once(words: Words, found: list[Clock]) -> list[Clock]:
    """The clock times without those in brackets that tell the one before anew: "16:00 UTC (17:00 local)"."""
    kept: list[Clock] = []
    for clock in found:
        if kept and "(" in words.tokens[clock.first].gap and clock.first - kept[-1].last <= 3:
            if kept[-1].offset_h is None and clock.offset_h is not None:
                kept[-1] = replace(clock, first=kept[-1].first, role=kept[-1].role)
            continue
        kept.append(clock)
    return kept


def _clock(words: Words, place: int, *, ranged: bool) -> Clock | None:
    digits = _digits(words, place)
    if digits is not None:
        hour, minute, last, plain = digits
        return _placed(words, place, last, hour, minute, plain=plain)
    together = _four_digits(words, place)
    if together is not None:
        return _placed(words, place, place, *together, plain=True)
    spoken = words.count(place)
    if spoken is None or not 0 < spoken[0] <= 24:
        return None
    hour, last = spoken
    meridiem = words.at(last + 1, "am", "pm")
    if meridiem is not None and meridiem.first == last + 1 and not _is_letter(words, meridiem):
        return _placed(words, place, last, hour, 0, plain=False)
    clock = _spoken(words, place, last, hour, ranged=ranged)
    return None if clock is None else _with_minutes(words, clock)


def _may_be_at(words: Words, clock: Clock) -> bool:
    """Whether the word before a clock time is "until" only in a range: "à 18h30" in French."""
    hit = words.leading(clock.first, clock.last, "until", before=3)
    return hit is not None and words.at(hit.first, "at") is not None


def _four_digits(words: Words, place: int) -> tuple[int, int] | None:
    """Hour and minute of `0830hrs`, `1930 hrs`, `0600 UTC`."""
    token = words.tokens[place]
    if token.number is None or len(token.text) != 4:
        return None
    hour, minute = divmod(token.number, 100)
    marked = words.at(place + 1, "oclock") or _zone(words, place) is not None
    return (hour, minute) if marked and hour < 24 and minute < 60 else None


def _with_minutes(words: Words, clock: Clock) -> Clock:
    """A clock time with the minutes that follow its hour in words: "14 год 30 хв"."""
    at = clock.last + 1
    minute = words.tokens[at].number if at < len(words.tokens) else None
    if minute is None or minute >= 60 or words.at(at + 1, "minute") is None or clock.minute % 60:
        return clock
    return replace(clock, last=at + 1, minute=clock.minute + minute)


def _other_end(words: Words, clock: Clock) -> Clock | None:
    """The begin of a range whose end alone says what kind of hours: "between 2 and 5 pm", "from two to five"."""
    for place in (clock.first - 2, clock.first - 1):
        spoken = words.count(place)
        joined = (
            words.tokens[clock.first].gap.strip() in ("-", "–")
            if place == clock.first - 1
            else bool(words.at(clock.first - 1, "and", "until"))
        )
        if spoken is None or not joined or not 0 < spoken[0] <= 12 or words.at(place - 1, "oclock"):
            continue
        if words.leading(place, place, "since", "between", "at", before=2) is None and place != clock.first - 1:
            continue
        minute = spoken[0] % 12 * 60 + (720 if clock.minute >= 720 else 0)
        return Clock(place, place, minute - (720 if minute >= clock.minute and minute >= 720 else 0), "since")
    return None


def _is_letter(words: Words, hit: Hit) -> bool:
    """Whether a mark of the half of the day is one letter that stands alone: with a gap it is a word."""
    token = words.tokens[hit.first]
    return len(token.text) == 1 and token.gap == "" and token.text not in "صم"


def _digits(words: Words, place: int) -> tuple[int, int, int, bool] | None:
    """Hour, minute, last token of `14:00`, `14h30`, `14 h`; and whether it was written as such."""
    tokens = words.tokens
    hour = tokens[place].number
    if hour is None or hour > 24 or len(tokens[place].text) > 2:
        return None
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is None:
        return None
    minute = following.number
    if minute is not None and minute < 60 and len(following.text) == 2 and following.gap in (":", ".", "٫", "："):
        third = tokens[place + 2] if place + 2 < len(tokens) else None
        dotted_date = following.gap == "." and third is not None and third.gap == "." and third.number is not None
        marked = following.gap != "." or words.near(place, place, "since", "until", "at", "oclock", before=2)
        return None if dotted_date or not marked else (hour, minute, place + 1, True)
    if following.folded == "h" and following.gap in ("", " "):
        third = tokens[place + 2] if place + 2 < len(tokens) else None
        if third is not None and third.gap == "" and third.number is not None and third.number < 60:
            return hour, third.number, place + 2, True
        return (hour, 0, place + 1, True) if following.gap == "" or hour > 12 else None
    if following.folded.startswith("h") and following.gap == "" and following.folded[1:].isdecimal():
        return hour, int(following.folded[1:]) % 60, place + 1, True
    return None


def _spoken(words: Words, place: int, last: int, hour: int, *, ranged: bool) -> Clock | None:
    """A number that is an hour because of the words around it, and not so many hours long.

    `ranged` says that a clock time stands before it: then "until 18" is enough.
    """
    if words.near(place, last, "ago", before=2, after=2) and not words.near(place, last, "oclock", before=1):
        return None
    after = words.at(last + 1, "oclock") if last + 1 < len(words.tokens) else None
    before = words.near(place, place, "oclock", before=1)
    role = words.near(place, last, "since", "until", "at", before=2)
    behind = words.near(place, last + 1, "since", "until", after=2)
    part = words.near(place, last + (1 if after else 0), *PARTS, before=1, after=3)
    same = after is not None and words.at(last + 1, "hour") is not None
    lasting = words.near(place, place, "lasting", before=2)
    end = last + 1 if after else last
    if before is not None and not (after is not None and same):
        return _placed(words, place, end, hour, 0, plain=False)
    if after is not None:
        duration = (
            same and part is None and ((role is None and behind is None) or (lasting is not None and hour <= 12))
        )
        return None if duration else _placed(words, place, end, hour, 0, plain=hour > 12)
    follows = last + 1 < len(words.tokens)
    unit = words.at(last + 1, "hour", "minute", "day", "week", *_MONTH_KINDS) if follows else None
    if unit is not None and words.at(last + 1, *PARTS) is not None:
        unit = None
    if unit is not None or hour > 24:
        return None
    if ranged and role is not None and role.kind == "until" and _is_bare(words, place, role):
        return _placed(words, place, last, hour, 0, plain=hour > 12)
    stands = last + 1 >= len(words.tokens) or words.tokens[last + 1].part != words.tokens[last].part
    digits = words.tokens[place].number is not None
    if part is not None and (role is not None or digits):
        return _placed(words, place, last, hour, 0, plain=False)
    if role is not None and role.kind != "at" and stands and not lasting and _is_bare(words, place, role):
        return _placed(words, place, last, hour, 0, plain=hour > 12)
    return None


_MONTH_KINDS = tuple(
    [f"month{n}" for n in range(1, 13)]
    + [f"jalali{n}" for n in range(1, 13)]
    + [f"ethiopian{n}" for n in range(1, 13)]
)


def _is_bare(words: Words, place: int, role: Hit) -> bool:
    """Whether nothing but small words stands between a role and its number."""
    between = words.tokens[role.last + 1 : place]
    return all(token.folded in words.words.function for token in between)


def _placed(words: Words, first: int, last: int, hour: int, minute: int, *, plain: bool) -> Clock:
    """A clock time with what the words around it make of it. `plain` is written to be read as it stands."""
    if minute == 0 and words.near(first, last, "half", before=1, after=2):
        minute = 30
    half = words.near(first, last, "am", "pm", before=1, after=2)
    part = words.near(first, last, *PARTS, before=4, after=3)
    system = words.words.settings.get("clock", "")
    either = False
    if half is not None:
        hour = hour % 12 + (12 if half.kind == "pm" else 0)
    elif system == "six" and hour <= 12 and not (plain and part is None):
        hour = (hour % 12 + (18 if part is not None and part.kind in _EVENING else 6)) % 24
    elif part is not None and hour <= 12:
        hour = _by_part(hour, part.kind)
    elif hour <= 12 and (not plain or (system == "twelve" and len(words.tokens[first].text) == 1)):
        either = hour < 12 or not plain
        hour %= 12
    role = _role(words, first, last)
    return Clock(first, last, (hour % 24) * 60 + minute, role, either=either, offset_h=_zone(words, last))


def _by_part(hour: int, part: str) -> int:
    if part in ("afternoon", "evening"):
        return hour % 12 + 12
    if part == "night":
        return hour % 12 + (12 if hour % 12 >= 6 else 0)
    if part == "noon":
        return hour % 12 + (12 if hour % 12 <= 4 else 0)
    return hour % 12


def _role(words: Words, first: int, last: int) -> Role | None:
    after = words.words.roles_follow
    late = words.near(first, last, "since", "until", after=3) if after else None
    hit = late or words.leading(first, last, "since", "until", "after", "between", before=3)
    hit = (
        hit or words.leading(first, last, "at", before=3) or words.near(first, last, "at", after=3 if after else 0)
    )
    if hit is None:
        return None
    return "until" if hit.kind == "until" else "at" if hit.kind == "at" else "since"


def _zone(words: Words, last: int) -> int | None:
    for token in words.tokens[last + 1 : last + 3]:
        if token.folded in ZONES:
            return ZONES[token.folded]
    return None


def _parts(words: Words) -> list[Clock]:
    """Parts of the day that no clock time stands by."""
    found: list[Clock] = []
    for hit in words.hits:
        if hit.kind in PARTS and not (found and hit.first <= found[-1].last):
            role = _role(words, hit.first, hit.last)
            found.append(Clock(hit.first, hit.last, PARTS[hit.kind] * 60, role, vague=True))
    return found
