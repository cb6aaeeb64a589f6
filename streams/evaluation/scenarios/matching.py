"""How numbers and words are held against what is expected."""

from __future__ import annotations

from collections.abc import Sequence

from streams.evaluation.scenarios.expectations import Bounds, Count, Words

#: Differences below this are the computer's.
NOTHING = 1e-9


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def in_bounds(value: float, bounds: Count | Bounds) -> bool:
    """Return whether a number is what is expected, or within its bounds, ends included."""
    if isinstance(bounds, int):
        return value == bounds
    low, high = bounds
    return (low is None or value >= low - NOTHING) and (high is None or value <= high + NOTHING)


def bounds_words(bounds: Count | Bounds) -> str:
    if isinstance(bounds, int):
        return f"{bounds}"
    low, high = bounds
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}"


def say(words: Words, said: Sequence[str]) -> list[str]:
    """Return what words lack, or say though they must not."""
    text = fold_words(" ".join(said))
    found = [f"words lack {part!r}" for part in words.all_of if fold_words(part) not in text]
    if words.any_of and not any(fold_words(part) in text for part in words.any_of):
        found.append(f"words have none of {', '.join(words.any_of)}")
    return found + [f"words say {part!r}" for part in words.none_of if fold_words(part) in text]


def fold_words(text: str) -> str:
    return " ".join(text.casefold().split())
