"""Compare what the engine concludes with causes that were found out by hand.

Three things are measured apart: the level, whether it happened, and whether it was on purpose; then the product of
the last two, the probability, beside the paper's rule.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from streams.correlation import CountryState, default_rules
from streams.evaluation.decoys import Answers, Happened, answers, happened
from streams.evaluation.delays import Delay, delays
from streams.evaluation.join import Share, joined, shares
from streams.evaluation.level_card import LevelRow, level_rows
from streams.evaluation.lists import Played
from streams.evaluation.metrics import Bin, Quality, calibration, macro, quality, recall_at
from streams.evaluation.sliding import FalseAlarms, false_alarms
from streams.scoring import Model, Scorer, load_model
from streams.scoring.examples import Example, examples, measuring_scorer
from streams.scoring.features import ON_PURPOSE
from streams.scoring.fitting import fit
from streams.scoring.model import Fitted
from topics import Claim, Evidence, Outage
from topics.shutdowns import Question

Scores = list[float]
Years = frozenset[int]


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One way to tell outages on purpose from others, and how well it does: over all outages (micro), and as the
    mean over countries (macro)."""

    name: str
    words: str
    micro: Quality
    macro: dict[str, float | None]
    recall_at_rule: float | None
    known_causes: Quality
    calibration: list[Bin]


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """An outage that the probability is wrong about, by the list."""

    outage: str
    country: str
    place: str
    begin: str
    hours: float
    cause: str
    level: str
    probability: float
    contributions: dict[str, float]


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """One country's outages, by method."""

    country: str
    outages: int
    positive: int
    methods: dict[str, Quality]


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """How well a question is answered without one feature; with all of them where `feature` is null.

    `outages` counts the positions or outages at which the feature is not 0: one that is 0 everywhere is worth
    nothing on these lists, whatever its coefficient.
    """

    question: Question
    feature: str | None
    outages: int
    average_precision: float | None
    brier: float | None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All that `shutdowns evaluate` says.

    `scored` is how outages were chosen and models fitted, in words. `level`, `happened` and the methods
    `on_purpose` and `probability` answer for the three parts of a conclusion and the product of two.
    `misses` are those of the probability, `level_misses` the outages whose level is wrong by the list.
    """

    scored: str
    outages: int
    positive: int
    known_causes: int
    unused_rows: int
    read: tuple[Fitted, ...]
    join: list[Share]
    level: list[LevelRow]
    happened: Happened
    methods: list[Method]
    countries: list[Country]
    delays: list[Delay]
    false_alarms: FalseAlarms | None
    misses: list[Miss]
    level_misses: list[Miss]
    ablation: list[Ablation] = []


@dataclass(frozen=True, slots=True)
class Scored:
    """The examples that are scored, those that models were fitted on, each method's score of each of the first, and
    the answers to `happened`."""

    examples: list[Example]
    learnt: list[Example]
    happened: Answers
    scores: dict[str, Scores]
    words: dict[str, str]


def score(played: Played, split: tuple[Years, Years] | None = None, model: Model | None = None) -> Scored:
    """Score every outage by every method.

    Without `model`, the probability of each country's outages is by a model fitted on the other countries', of
    the years that `split` names first; those that it names second are scored.
    """
    every = examples(played.shutdowns, played.causes)
    chosen = [one for one in every if split is None or year(one.from_s) in split[1]]
    learnt = [one for one in every if split is None or year(one.from_s) in split[0]]
    outages = [piece for piece in played.evidence if isinstance(piece, Outage)]
    _, by_any, by_independent = joined((c for c in played.evidence if isinstance(c, Claim)), outages)
    scorer_of = _scorers(learnt, model)
    as_of = _as_of_end(chosen, played.evidence)
    scores = {
        "rule": [float(one.outage in by_any) for one in chosen],
        "rule_independent": [float(one.outage in by_independent) for one in chosen],
        "level": [float(one.shutdown.level == "corroborated") for one in chosen],
        "on_purpose": [_on_purpose(one, scorer_of(one.country)) for one in chosen],
        "probability": [_probability(one, scorer_of(one.country)) for one in chosen],
        "probability_at_end": [_probability(one, scorer_of(one.country)) for one in as_of],
    }
    words = {
        "rule": "paper's rule",
        "rule_independent": "rule, no copies",
        "level": "corroborated",
        "on_purpose": "on purpose",
        "probability": "probability",
        "probability_at_end": "p. by its end",
    }
    shipped = load_model()
    if model is None:
        seen = {one.sha256 for one in shipped.fitted_on} & {one.sha256 for one in played.read}
        own = Scorer(shipped)
        scores["shipped"] = [_probability(one, own) for one in chosen]
        words["shipped"] = "shipped, seen" if seen else "shipped model"
    ids = {one.outage for one in chosen}
    listed = [outage for outage in outages if outage.id in ids]
    # Nothing of `happened` is fitted, so every country's model answers alike.
    return Scored(chosen, learnt, answers(listed, outages, played.shutdowns, scorer_of("")), scores, words)


def evaluate(played: Played, scored: Scored, how: str, worst: int = 20) -> Evaluation:
    """The whole scorecard of what was scored."""
    truth = [one.positive for one in scored.examples]
    years = [year(one.from_s) for one in scored.examples]
    floor = quality(truth, scored.scores["rule_independent"]).precision
    by_country = _countries(scored)
    return Evaluation(
        scored=how,
        outages=len(truth),
        positive=sum(truth),
        known_causes=sum(one.known for one in scored.examples),
        unused_rows=played.unused,
        read=played.read,
        join=shares(played.evidence, played.shutdowns, range(min(years, default=0), max(years, default=0) + 1)),
        level=level_rows(scored.examples),
        happened=happened(scored.happened),
        methods=[_method(name, scored, by_country, floor) for name in scored.scores],
        countries=by_country,
        delays=delays(played.shutdowns, played.evidence),
        false_alarms=false_alarms(played.evidence, played.shutdowns),
        misses=_misses(scored, range(len(truth)))[:worst],
        level_misses=_misses(scored, [n for n, said in enumerate(scored.scores["level"]) if said != truth[n]]),
    )


def year(moment_s: int) -> int:
    """The year of a moment, UTC."""
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).year


def _scorers(learnt: Sequence[Example], model: Model | None) -> Callable[[str], Scorer]:
    """The scorer for a country's outages, each fitted once."""
    if model is not None:
        only = Scorer(model)
        return lambda _: only
    made: dict[str, Scorer] = {}
    of_all = {one.country for one in learnt}

    def scorer(country: str) -> Scorer:
        key = country if country in of_all else ""
        if key not in made:
            made[key] = Scorer(fit([one for one in learnt if one.country != key]))
        return made[key]

    return scorer


def on_purpose_scores(chosen: Sequence[Example], learnt: Sequence[Example]) -> Scores:
    """The answer to `on-purpose` of each example, by a model fitted on the other countries' of `learnt`."""
    scorer_of = _scorers(learnt, None)
    return [_on_purpose(one, scorer_of(one.country)) for one in chosen]


def _on_purpose(one: Example, scorer: Scorer) -> float:
    names = (feature.name for feature in ON_PURPOSE)
    return scorer.answer("on-purpose", dict(zip(names, one.features, strict=True)))


def _probability(one: Example, scorer: Scorer) -> float:
    return scorer.answer("happened", one.happened) * _on_purpose(one, scorer)


def _as_of_end(chosen: Sequence[Example], evidence: Sequence[Evidence]) -> list[Example]:
    """The same outages, by what had begun when each ended, and was known if it says when."""
    by_country: dict[str, list[Evidence]] = defaultdict(list)
    for piece in evidence:
        by_country[piece.country].append(piece)
    return [_as_of(one, by_country[one.country]) for one in chosen]


def _as_of(one: Example, evidence: Sequence[Evidence]) -> Example:
    state = CountryState(default_rules(), measuring_scorer())
    own = next(piece for piece in evidence if piece.id == one.outage)
    now_s = own.from_s if own.until_s is None else own.until_s
    for piece in evidence:
        if piece.from_s <= now_s and (piece.known_s is None or piece.known_s <= now_s) and piece.id != one.outage:
            over = piece.until_s is not None and piece.until_s <= now_s
            # What went on then had no end yet; a claim's end is a plan, and kept.
            state.load(piece if over or isinstance(piece, Claim) else _open(piece, now_s))
    state.apply(own)
    found = examples(state.standing(), {one.outage: one.cause})
    # A shutdown of more outages than it lists may leave it out; then nothing better is known than at last.
    return found[0] if found else one


def _open(piece: Evidence, now_s: int) -> Evidence:
    return msgspec.structs.replace(piece, until_s=None, known_s=now_s)


def _method(name: str, scored: Scored, by_country: Sequence[Country], floor: float | None) -> Method:
    truth = [one.positive for one in scored.examples]
    given = scored.scores[name]
    known = [index for index, one in enumerate(scored.examples) if one.known]
    return Method(
        name=name,
        words=scored.words[name],
        micro=quality(truth, given),
        macro=macro([country.methods[name] for country in by_country]),
        recall_at_rule=None if floor is None else recall_at(truth, given, floor),
        known_causes=quality([truth[index] for index in known], [given[index] for index in known]),
        calibration=calibration(truth, given),
    )


def _countries(scored: Scored) -> list[Country]:
    where: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(scored.examples):
        where[one.country].append(index)
    found = []
    for country, own in where.items():
        truth = [scored.examples[index].positive for index in own]
        methods = {name: quality(truth, [given[index] for index in own]) for name, given in scored.scores.items()}
        found.append(Country(country=country, outages=len(own), positive=sum(truth), methods=methods))
    return sorted(found, key=lambda one: (-one.positive, -one.outages, one.country))


def _misses(scored: Scored, among: Iterable[int]) -> list[Miss]:
    """Outages by how far the probability is from the truth by the list, the worst first."""
    given = scored.scores["probability"]
    order = sorted(among, key=lambda index: -abs(given[index] - scored.examples[index].positive))
    return [_miss(scored.examples[index], given[index]) for index in order]


def _miss(one: Example, probability: float) -> Miss:
    shutdown = one.shutdown
    begin = dt.datetime.fromtimestamp(one.from_s, dt.UTC)
    until_s = one.from_s if shutdown.until_s is None else shutdown.until_s
    return Miss(
        outage=one.outage,
        country=one.country,
        place=shutdown.place.name,
        begin=begin.isoformat(),
        hours=round((until_s - one.from_s) / 3600, 2),
        cause=one.cause,
        level=shutdown.level,
        probability=round(probability, 4),
        contributions={
            part.feature: part.value
            for part in shutdown.contributions
            if part.feature != "base" and part.question == "on-purpose"
        },
    )
