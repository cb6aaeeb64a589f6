"""Whose word a record is: its lineage. Pieces of one lineage count once, however many repeat it.

The first of these that applies decides:

1. **Cited**: a record that cites adds no lineage of its own; it has that of the first source it cites. Who
   measures (IODA and others) gives way to another source cited beside it; who cites only them has their
   lineage, so that it can't corroborate what they measured, unless it says who decided a cut or why: that
   they did not measure.
2. **Printed**: a medium whose text gives an organisation as its source has the lineage of that.
3. **Named**: a reporter's name is its lineage.
4. **Copied**: a text of `COPY_CHARS` characters and more is the lineage of everybody who gives the same
   words; case, accents, punctuation and spacing make no difference. Where a text was not kept, its salted
   digest stands for it (`text_digest`).
5. **One hand**: what one person or account reports has one lineage, by the salted digest of who it is.
6. **Unnamed**: individuals of whom nothing says who they are have one lineage, whatever and how often they write:
   nobody can tell them from one person who posts again and again.
7. **Alone**: whoever is left is a lineage of their own, made from the record's id.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.claims.quoted import quoted
from streams.geography.fold import fold
from topics import MEASURERS, digest
from topics.reports import ReporterKind

#: Texts shorter than this are alike by chance: "no internet in Almaty".
COPY_CHARS = 80

#: Begins the lineage of one person or account; who forwards their words cites them by it and the digest.
HAND = "hand"

#: The lineage of all individuals of whom nothing says who they are.
UNNAMED = "individual/unnamed"

#: So much of a text is kept on its claim.
WORDING_CHARS = 300

#: Names of those who measure, folded, and the lineage that their measurements have on `evidence`.
LINEAGES = {" ".join(fold(name).split()): one.lineage for one in MEASURERS for name in (one.name, *one.names)}


def lineage(
    record_id: str,
    cites: Sequence[str],
    *,
    reporter: ReporterKind | None = None,
    name: str | None = None,
    text: str | None = None,
    text_digest: str | None = None,
    hand: str | None = None,
    judged: bool = False,
) -> str:
    """The lineage of a record. `reporter`, `name` and `hand` (a digest) say who tells it, `text` what it says, and
    `judged` is whether it says who decided a cut, or why, which no measurement shows.

    >>> lineage("r-1", ["IODA", "Internet Protection Society"])
    'internet-protection-society'
    >>> lineage("r-2", ["IODA"], reporter="organisation", name="Access Now")
    'ioda'
    """
    cited = [slug(one) for one in cites if fold(one)]
    if cited:
        measured = set(LINEAGES.values())
        if not (judged and measured.issuperset(cited)):
            return next((one for one in cited if one not in measured), cited[0])
    printed = quoted(text, name) if reporter == "media" else None
    if printed:
        return slug(printed)
    if name and fold(name):
        return slug(name)
    if reporter == "individual" and not hand:
        return UNNAMED
    words = fold(text or "")
    if len(words) >= COPY_CHARS:
        return f"text/{digest(words)}"
    if text_digest:
        return f"text/{text_digest}"
    if hand:
        return slug(f"{HAND} {hand}")
    return f"{reporter or 'source'}/{digest(record_id)}"


def slug(name: str) -> str:
    """A source's name as a lineage: `access-now`; those who measure by what their measurements have."""
    words = fold(name).split()
    return LINEAGES.get(" ".join(words)) or "-".join(words)[:200].strip("-")


def wording(text: str | None) -> str | None:
    """How a text begins, folded: what correlation compares to find near-duplicates, which fold into one lineage
    there, where all that is said of one shutdown is known. None where there are no words."""
    return fold(text or "")[:WORDING_CHARS].strip() or None
