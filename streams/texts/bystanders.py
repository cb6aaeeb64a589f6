"""Who or what is down that is no network: a person out of reach, a bank, a web site, a company's business.

"Contact with a reporter was lost" and "his phone is off" tell of a person; "card payments fail", "the ministry's
site is down" of a service that runs on the network; "the operator cut its dividend" of a company. A network's own
words win: "no internet in Harare, cash machines are down" tells of the internet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.texts.lexicon import Hit, overlap

if TYPE_CHECKING:
    from streams.texts.judged import Judged
    from streams.texts.judging import SentenceReader


def of_no_network(topic: Hit, word: Hit, reader: SentenceReader, before: Judged | None = None) -> bool:
    """Return whether a state (`word`) of a topic is one of a person, a site or a business.

    `before` is the sentence before: "A photographer was detained in Minsk. The phone is off."
    """
    return _of_a_person(topic, reader, before) or _of_a_site(topic, word, reader) or _of_business(topic, reader)


def _of_a_person(topic: Hit, reader: SentenceReader, before: Judged | None) -> bool:
    """Whether it is a person's phone: the sentence names one, who isn't just the one who tells it."""
    if not any(overlap(topic, one) for one in reader.of("reach")):
        return False
    tellers = reader.of("says", "leads")
    if any(not _tells(one, tellers, topic) for one in reader.of("person")):
        return True
    return before is not None and not _names_another(reader) and _is_of_a_person(before)


def _is_of_a_person(sentence: Judged) -> bool:
    kinds = {hit.kind for hit in sentence.hits}
    return "person" in kinds and not kinds & {"says", "leads", "net"}


def _names_another(reader: SentenceReader) -> bool:
    """Whether a sentence has a name of its own, in a script with capitals: a place, whose phones it may tell of."""
    return any(token.text[0].isupper() for token in reader.sentence.tokens[1:])


def _tells(person: Hit, tellers: list[Hit], topic: Hit) -> bool:
    """Whether a person is the one who says it: "the lawyer says that phones are off in the city"."""
    return any(
        (person.last < one.first < topic.first and one.first - person.last <= SAYS_REACH)
        or (topic.last < one.first < person.first and person.first - one.last <= SAYS_REACH)
        for one in tellers
    )


#: Words between a person and the verb of saying that makes them the teller.
SAYS_REACH = 5


def _of_a_site(topic: Hit, word: Hit, reader: SentenceReader) -> bool:
    """Whether it is a site or a bank: the clause names one, and no internet before it that could be meant."""
    clause = reader.clause(word.first)
    sites = [one for one in reader.of("site") if reader.clause(one.first) == clause]
    if topic.kind in ("line", "social", "offline") and not sites:
        sites = reader.of("site")
    if not sites or topic.kind.startswith("service:"):
        return False
    meant = topic.kind in ("net", "line") and reader.clause(topic.first) == clause
    return not meant or min(one.first for one in sites) < topic.first


def _of_business(topic: Hit, reader: SentenceReader) -> bool:
    return topic.kind.startswith("operator:") and bool(reader.of("trade"))
