"""First names of people that are names of places too: `python -m streams.geography.build.first_names`.

They come from `faker` 40.63.0 (MIT), which has them for seventy languages and countries. Writes `first_names.txt`,
folded, one a line. The tables of places are built before.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from streams.geography import tables
from streams.geography.fold import fold

OUT = Path(__file__).parent.parent / "first_names.txt"
_LISTS = re.compile("first_names|first_name_|given_name|male_names|female_names|first_romanized")
#: Shorter ones are initials and particles.
_LEAST = 3


def first_names() -> Iterator[str]:
    """First names of all locales, as `faker` writes them."""
    import faker.providers.person as locales

    for module in pkgutil.iter_modules(locales.__path__):
        provider = import_module(f"{locales.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            listed = getattr(provider, attribute)
            if _LISTS.match(attribute) and isinstance(listed, Iterable):
                for name in listed:
                    yield from (name,) if isinstance(name, str) else name


def main() -> None:
    known = tables.names()
    folded = {fold(name) for name in first_names()}
    found = sorted(name for name in folded if len(name) >= _LEAST and " " not in name and name in known)
    OUT.write_text("".join(f"{name}\n" for name in found), encoding="utf-8")


if __name__ == "__main__":
    main()
