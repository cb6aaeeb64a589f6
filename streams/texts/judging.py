"""What a sentence says of the internet: gone, slow, back, or nothing of now; and how sure that is.

A sentence that says so has a topic (the internet, phones, a service) and, near it, a word of the state. What
stands around them decides: `not` turns a state into its contrary, `if` and `maybe` make it a thing that has not
happened, `past` one of long ago, a question mark one that is asked. `comment` says that somebody judges a cut,
`will` that it is to come. What is said of a person or of a site is left out (`bystanders.py`). The numbers are
weights of `WEIGHTS`, chosen on the half of the marked texts that is for that (docs/TEXTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streams.texts.bystanders import of_no_network
from streams.texts.judged import Judged, Mood, Saying, State
from streams.texts.levels import level
from streams.texts.lexicon import DOUBTFUL, Hit, Lexicon, overlap
from streams.texts.tokens import Sentence

#: How sure a state is, by topic; what is added or taken away; and how sure its contrary is.
WEIGHTS = {
    "net": 0.82,
    "service": 0.78,
    "social": 0.74,
    "line": 0.66,
    "operator": 0.7,
    "offline": 0.64,
    "trouble": -0.08,
    "total": 0.04,
    "still": 0.04,
    "apart": -0.1,
    "far": -0.15,
    "plural": -0.25,
    "own": -0.4,
    "wanted back": -0.22,
    "back": 0.8,
    "works": 0.6,
    "denied": 0.7,
}

#: Words between a state and its topic: more than that are far, and more than twice as many are nothing.
NEAR = 7

#: Words of a sentence that may go on with the topic of the one before.
CARRIED = 2 * NEAR

#: Words between `not` and what it turns; between `maybe` and what it makes doubtful.
NOT_REACH, MAYBE_REACH = 4, 9

#: Shares of ordinary levels, per cent: above the first it is as ever, up to the second as good as gone.
NEARLY_ALL, NEARLY_NONE = 85, 20

#: Words between one that works and `again`.
AGAIN_REACH = 3

#: The class of words that say that nobody ordered it: a cut that was not ordered has not happened for that.
NO_ORDER = "no order"

TOPICS = ("net", "line", "social", "service", "operator", "offline")
_STATES = ("cut", "fails", "trouble", "slow", "works", "back", "fall", "offline")


def topic_of(kind: str) -> str | None:
    """The topic that a class of words stands for."""
    name = kind.partition(":")[0]
    return name if name in TOPICS else None


def judge(one: Judged, carried: Hit | None = None, before: Judged | None = None) -> None:
    """Find what a sentence says.

    `carried` is the topic of the one `before`, for a sentence that has none of its own.
    """
    reader = SentenceReader(one.sentence, one.words, one.hits)
    topics = reader.topics
    if not topics and carried is not None and len(one.sentence.tokens) <= CARRIED:
        topics = [Hit(carried.kind, 0, 0)]
    asks = one.sentence.asks and not reader.only_tagged()
    found = reader.sayings(topics, asks=asks) if topics else ()
    one.sayings = tuple(saying for saying in found if not of_no_network(saying.topic, saying.word, reader, before))


class SentenceReader:
    """Reads what one sentence says of topics."""

    def __init__(self, sentence: Sentence, words: Lexicon, hits: Sequence[Hit]) -> None:
        self.sentence, self.words = sentence, words
        self._tokens, self._after = sentence.tokens, words.settings.get("order") == "after"
        masked = [hit for hit in hits if hit.kind == "other"]
        self._hits = [hit for hit in hits if hit.kind == "other" or not any(overlap(hit, one) for one in masked)]
        self._by_kind: dict[str, list[Hit]] = {}
        for hit in self._hits:
            self._by_kind.setdefault(hit.kind, []).append(hit)
        self.topics = [hit for hit in self._hits if topic_of(hit.kind) and self._is_name(hit)]
        if any(hit.kind != "offline" for hit in self.topics):
            self.topics = [hit for hit in self.topics if hit.kind != "offline"]

    def _is_name(self, hit: Hit) -> bool:
        """Whether a word that may be an operator's name is written as a name, where its script has capitals."""
        first = self._tokens[hit.first].text[0]
        return not hit.kind.endswith(DOUBTFUL) or not first.islower()

    def clause(self, at: int) -> int:
        """The number of the clause that a place lies in."""
        return self._tokens[at].part + sum(1 for hit in self.of("but") if hit.first <= at)

    def only_tagged(self) -> bool:
        """Whether a question only asks others, behind a statement: "no internet here since noon, anyone else?"."""
        last = self._tokens[-1]
        return last.part > 0 and any(
            hit.last == len(self._tokens) - 1 and (hit.first == 0 or self._tokens[hit.first - 1].part < last.part)
            for hit in self.of("tag")
        )

    def sayings(self, topics: list[Hit], *, asks: bool) -> list[Saying]:
        states = [hit for hit in self.of(*_STATES) if self._is_state(hit, topics)]
        turned, bare = self._negations(topics, states)
        found = []
        for word in states:
            said = self._saying(word, turned=word in turned, topics=topics, asks=asks)
            if said is not None:
                found.append(said)
        for topic, word in bare:
            found.append(self._weighed("down", topic, word, asks=asks))
        found += [
            Saying("up", "denied", self._nearest(word, topics)[0], word, WEIGHTS["denied"])
            for word in self.of("deny")
        ]
        measured = level(self.sentence, self.of("level"))
        if measured is not None:
            found.append(self._measured(*measured, topics, asks=asks))
        return found

    def _is_state(self, word: Hit, topics: list[Hit]) -> bool:
        """Whether a word is a state of the topics: less is one of what is measured, "cuts" none of an operator."""
        if self._counted(word):
            return False
        if word.kind == "fall":
            return any(overlap(one, topic) for topic in topics for one in self.of("flow"))
        if word.kind == "offline":
            return all(topic.kind == "offline" for topic in topics)
        if topics and all(topic_of(topic.kind) == "operator" for topic in topics):
            return not any((one.first, one.last) == (word.first, word.last) for one in self.of("acts"))
        return True

    def _counted(self, word: Hit) -> bool:
        """Whether a word is what becomes less itself, or tells that something becomes less that is no traffic:
        "outages dropped to zero", "complaints about the internet fell"."""
        falls = [hit for hit in self.of("fall") if self.clause(hit.first) == self.clause(word.first)]
        for fall in falls:
            ahead = [hit for hit in self.of("amount", "flow") if hit.last < fall.first]
            subject = max(ahead, key=lambda hit: hit.last, default=None)
            if subject is not None and subject.kind == "flow":
                subject = next((hit for hit in ahead if hit.kind == "amount" and self._of(hit, subject)), None)
            if subject is not None and word.first >= subject.first:
                return True
        return False

    def _of(self, amount: Hit, flow: Hit) -> bool:
        """Whether an amount is one of what stands behind it: "complaints about the internet"."""
        between = range(amount.last + 1, flow.first)
        joined = any(hit.first in between for hit in self.of("and", "but"))
        return 0 < len(between) <= 3 and not joined and self._close(amount.last, flow.first, 4)

    def _measured(self, share: int, word: Hit, topics: list[Hit], *, asks: bool) -> Saying:
        """What "at 4% of ordinary levels" says."""
        topic = self._nearest(word, topics)[0]
        if share > NEARLY_ALL:
            return Saying("up", self._doubted(word), topic, word, WEIGHTS["back"])
        said = self._weighed("down", topic, word, asks=asks)
        return replace(said, partly=share > NEARLY_NONE)

    def of(self, *kinds: str) -> list[Hit]:
        """The hits of some classes."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [hit for hit in self._hits if hit.kind in kinds]

    def _negations(self, topics: list[Hit], states: list[Hit]) -> tuple[set[Hit], list[tuple[Hit, Hit]]]:
        """States that a `not` turns, and topics that it takes away, each with that `not`."""
        turned: set[Hit] = set()
        bare: list[tuple[Hit, Hit]] = []
        objects = sorted({*topics, *states}, key=lambda hit: (hit.first, -hit.last))
        # The no of "order" words is theirs, and that of "to zero" says where something fell to.
        others = [*self.of(NO_ORDER), *(hit for hit in states if hit.kind == "fall")]
        for no in self.of("not", "none"):
            if any(overlap(no, one) for one in others):
                continue
            there = [hit for hit in objects if not overlap(hit, no)]
            ahead = [hit for hit in there if hit.first > no.last and self._close(no.last, hit.first, NOT_REACH)]
            behind = [hit for hit in there if hit.last < no.first and self._close(hit.last, no.first, NOT_REACH)]
            if behind and behind[-1] in turned and self._between(behind[-1], no):
                # "Ne coupez pas": one no in two words.
                continue
            late = self._after and no.kind == "not"
            order = (behind[::-1], ahead) if late else (ahead, behind[::-1])
            target = next((side[0] for side in order if side), None)
            if target is None:
                continue
            event = self._event_after(target)
            if target.kind in _STATES:
                turned.add(self._existing(target, states) or target)
            elif event is not None:
                turned.add(event)
            else:
                bare.append((target, no))
        # "Did not fall to zero": where it would have fallen to is turned with the fall.
        falls = [hit for hit in states if hit.kind == "fall"]
        turned.update(one for one in falls if any(hit in turned and hit.last + 1 == one.first for hit in falls))
        return turned, bare

    def _between(self, word: Hit, no: Hit) -> bool:
        """Whether a word stands close between a `not` and the one before it."""
        return no.first - word.last <= 2 and any(
            0 < word.first - one.last <= 2 for one in self.of("not") if one is not no
        )

    def _existing(self, target: Hit, states: list[Hit]) -> Hit | None:
        """What "there is no" says no to, where that is a state: "there is no disruption"."""
        if not any(overlap(one, target) for one in self.of("exist")):
            return None
        return next((hit for hit in states if 0 < hit.first - target.last <= 3), None)

    def _event_after(self, topic: Hit) -> Hit | None:
        """The state that makes one noun with the topic before it: what "no internet shutdown" says no to."""
        nouns = {hit.first for hit in self.of("event")}
        return next((hit for hit in self.of(*_STATES) if hit.first == topic.last + 1 and hit.first in nouns), None)

    def _close(self, first: int, last: int, reach: int) -> bool:
        return last - first <= reach and self._tokens[first].part == self._tokens[last].part

    def _saying(self, word: Hit, *, turned: bool, topics: list[Hit], asks: bool) -> Saying | None:
        topic, distance = self._nearest(word, topics)
        if distance > 2 * NEAR:
            return None
        if word.kind in ("works", "back"):
            if turned:
                return self._weighed("down", topic, word, asks=asks)
            if self._doubted(word) == "said":
                again = word.kind == "back" or any(self._beside(word, one) for one in self.of("again"))
                weight = WEIGHTS["back" if again else "works"]
                return Saying("up", "said", topic, word, weight, clause=self.clause(word.first))
            return self._wanted(topic, word, asks=asks) if word.kind == "back" else None
        if turned:
            return Saying("up", "denied", topic, word, WEIGHTS["denied"]) if word.kind != "slow" else None
        return self._weighed("slow" if word.kind == "slow" else "down", topic, word, asks=asks)

    def _beside(self, word: Hit, other: Hit) -> bool:
        return max(word.first - other.last, other.first - word.last) <= AGAIN_REACH

    def _wanted(self, topic: Hit, word: Hit, *, asks: bool) -> Saying | None:
        """What will, should or must come back is not there: but that is only implied."""
        if asks or self.of("past", "comment"):
            return None
        topic_name = topic_of(topic.kind) or "line"
        return Saying("down", "said", topic, word, WEIGHTS[topic_name] + WEIGHTS["wanted back"])

    def _nearest(self, word: Hit, topics: list[Hit]) -> tuple[Hit, int]:
        def distance(topic: Hit) -> int:
            gap = max(word.first - topic.last, topic.first - word.last, 0)
            return gap + 3 * abs(self._tokens[word.first].part - self._tokens[topic.first].part)

        rank = {"net": 0, "offline": 0, "service": 1, "social": 2, "operator": 3, "line": 4}
        best = min(topics, key=lambda one: (distance(one), rank[topic_of(one.kind) or "line"], one.first))
        # The internet, if it is near as well, is what is meant by "phone and internet connections are cut".
        nets = [one for one in topics if one.kind == "net" and distance(one) <= distance(best) + 3]
        best = min(nets, key=distance, default=best)
        return best, distance(best)

    def _weighed(self, state: State, topic: Hit, word: Hit, *, asks: bool) -> Saying:
        sure = WEIGHTS[topic_of(topic.kind) or "line"]
        sure += WEIGHTS["trouble"] if word.kind in ("trouble", "fall") else 0
        sure += sum(WEIGHTS[kind] for kind in ("total", "still", "own") if self.of(kind))
        sure += WEIGHTS["plural"] if any(overlap(one, word) for one in self.of("plural")) else 0
        apart = abs(self._tokens[word.first].part - self._tokens[topic.first].part)
        sure += WEIGHTS["apart"] if apart else 0
        sure += WEIGHTS["far"] if max(word.first - topic.last, topic.first - word.last) > NEAR else 0
        mood: Mood = "asked" if asks else self._doubted(word)
        partly = word.kind in ("trouble", "fall")
        return Saying(state, mood, topic, word, round(min(sure, 0.98), 3), partly, self.clause(word.first))

    def _doubted(self, word: Hit) -> Mood:
        """Whether what a word says is only supposed, denied, or long ago."""
        part = self._tokens[word.first].part
        if any(self._tokens[one.first].part >= part for one in self.of("deny")):
            return "denied"
        if any(one.first <= word.last or self._tokens[one.first].part == part for one in self.of("if")):
            return "supposed"
        near = [one.kind for one in self.of("maybe", "will", NO_ORDER) if self._turns(one, word)]
        if NO_ORDER in near:
            return "denied"
        if "maybe" in near:
            return "supposed"
        if self.of("comment"):
            return "commented"
        if self.of("past"):
            return "remembered"
        return "coming" if "will" in near else "said"

    def _turns(self, one: Hit, word: Hit) -> bool:
        """Whether a word of doubt or of the future stands near enough to a state to turn it."""
        if one.kind == "will" and overlap(one, word):
            return True
        if (
            overlap(one, word)
            or self._tokens[one.first].part != self._tokens[word.first].part
            or self._is_month(one)
        ):
            return False
        before = 0 < word.first - one.last <= MAYBE_REACH
        reach = MAYBE_REACH if self._after or one.kind == NO_ORDER else 2
        return before or 0 < one.first - word.last <= reach

    def _is_month(self, one: Hit) -> bool:
        """Whether a word is May, the month."""
        near = self._tokens[max(0, one.first - 1) : one.last + 2]
        return self._tokens[one.first].text == "May" and any(token.number is not None for token in near)
