"""A shutdown's two probabilities and what else may explain it, in words for people and for cells of tables."""

from __future__ import annotations

from topics import Explanation, Reason, Shutdown

#: What the kinds of explanations are called at the head of a line.
EXPLANATION_WORDS: dict[str, str] = {
    "power": "power cut",
    "cable": "damaged cable",
    "disaster": "natural disaster",
    "attack": "attack on the network",
    "maintenance": "maintenance",
    "war-damage": "damage in a war",
    "technical": "technical fault",
    "denial": "denied",
}


def share_words(share: float) -> str:
    """Return a probability that never says more than is known: `0.97`, `above 0.99`, `below 0.01`."""
    if share > 0.99:
        return "above 0.99"
    return "below 0.01" if share < 0.01 else f"{share:.2f}"


def both_words(shutdown: Shutdown) -> str:
    """Return both probabilities: `happened 0.97, on purpose 0.31`; nothing where they are not known.

    The second one is conditional: given that it happened.
    """
    named = (("happened", shutdown.happened), ("on purpose", shutdown.on_purpose))
    return ", ".join(f"{name} {share_words(share)}" for name, share in named if share is not None)


def explained(one: Explanation) -> str:
    """Return an explanation in a line: its kind, what is said, and who says it."""
    return f"{EXPLANATION_WORDS.get(one.kind, one.kind)}: {one.words} ({one.source})"


def competing(shutdown: Shutdown) -> list[Explanation]:
    """Return the causes other than a decision that are named; denials are none of them."""
    return [one for one in shutdown.explanations if one.kind != "denial"]


def denials(shutdown: Shutdown) -> list[Explanation]:
    """Return who says that there was no cut."""
    return [one for one in shutdown.explanations if one.kind == "denial"]


def own_reasons(shutdown: Shutdown) -> list[Reason]:
    """Return the reasons without those that only repeat `explanations`, for where these have lines of their own."""
    told = {one.id for one in shutdown.explanations}
    return [
        one for one in shutdown.why if one.detail != "competing-explanation" or not told.issuperset(one.evidence)
    ]
