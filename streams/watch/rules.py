"""The rules by which drops of several countries are told to be one: frozen data, each with its reason."""

from __future__ import annotations

from functools import cached_property

import msgspec

from topics import digest, signal_facts

HOUR_S = 3_600
DAY_S = 86_400


class WatchRules(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All rules of the stage `watch`.

    Args:
        step_least_s: begins that lie this close count as one, however short the signal's step. Ten minutes is the
            step of IODA's probing; sources see one event up to a step apart.
        step_most_s: a longer step counts as this. It bounds how far in time drops can be compared.
        failure_countries: a source's failure shows in so many countries at least. Three at one moment are chance
            for a noisy signal; four on its own with nothing else is what was seen of probers that failed.
        failure_chance: and in so many that as many would begin within a step by chance with at most this
            probability, given how often drops of that signal begin around then. There are some 3,000 such windows a
            day (twenty signals of 144 steps), so that it is chance once in a month at most.
        usual_s: around then is so long before and after.
        rounded_s: sources round begins to this: a window that holds both its ends is longer by it.
        failure_places: so many of them lie `far_km` from each other, each from each. A fault of one cable system
            or one region's grid reaches two such places at most.
        far_km: countries whose centres lie this far apart have no cable and no grid in common that one signal
            alone would show.
        failure_share: a drop shares its time with the others if it and their median overlap in this share of the
            longer of both. A series that fails comes back when its source does.
        own_s: another kind of signal, or another origin, that drops in one of the countries this close to the
            failure's begin is a drop of that country's own: an hour, for signals with a value in half an hour.
        blocked_s: tests of a service that fail in `failure_countries` far apart, and begin to within so long, are a
            failure of the service. Blocking is judged by UTC days, and a failure shows on the day that it falls in,
            or on the next where few tests were left of that.
        shared_kinds: neighbours share a cause where so many kinds of signals drop in both. One kind may be noise or
            its source.
        shared_steps: and where they begin within so many steps of each signal.
        near_km: a shared cause needs two countries no farther apart than this, border to border: neighbours by
            land, and islands of one cable system.
        join_km: and takes in countries up to this far from one that it has. The cut of the ACE cable of 18 November
            2018 took down Gambia, Guinea, Liberia and Sierra Leone, and Benin 620 km on.
        centres_km: countries whose centres lie farther apart are no neighbours. It saves comparing borders: of the
            pairs with borders that near only those across Russia, France's and other far territories lie beyond.
        shared_most: where more countries than this drop on several kinds at once it is no cable.
        expiry_s: drops that began this much before the newest are refused, as the evidence they come from is
            (rule `expiry_s` of correlation): 20 years.

    Raises:
        ValueError: rules that contradict each other; the message says which.
    """

    version: int = 1
    step_least_s: int = 600
    step_most_s: int = HOUR_S
    failure_countries: int = 4
    failure_chance: float = 1e-5
    usual_s: int = 6 * HOUR_S
    rounded_s: int = 300
    failure_places: int = 3
    far_km: float = 3_000.0
    failure_share: float = 0.5
    own_s: int = HOUR_S
    blocked_s: int = DAY_S
    shared_kinds: int = 2
    shared_steps: int = 2
    near_km: float = 300.0
    join_km: float = 1_000.0
    centres_km: float = 6_000.0
    shared_most: int = 60
    expiry_s: int = 7_305 * DAY_S

    def __post_init__(self) -> None:
        if not 0 < self.step_least_s <= self.step_most_s:
            raise ValueError(f"step_least_s {self.step_least_s} must be in (0, step_most_s {self.step_most_s}]")
        if not 2 <= self.failure_places <= self.failure_countries:
            raise ValueError(
                f"failure_places {self.failure_places} must be in [2, failure_countries {self.failure_countries}]"
            )
        if self.usual_s <= self.step_most_s:
            raise ValueError(f"usual_s {self.usual_s} must be more than a step, step_most_s {self.step_most_s}")
        if self.near_km > self.join_km:
            raise ValueError(f"near_km {self.near_km:g} must not be more than join_km {self.join_km:g}")
        if self.expiry_s < 2 * self.reach_s:
            raise ValueError(f"expiry_s {self.expiry_s} is shorter than drops are compared over")

    def step_s(self, signal: str) -> int:
        """Return within how many seconds begins of drops of a signal count as one."""
        step_s = signal_facts(signal).step_s or self.step_least_s
        return min(max(step_s, self.step_least_s), self.step_most_s)

    @property
    def reach_s(self) -> int:
        """How far from its begin a drop can matter to a group, and what else matters to that group, seconds.

        A group is chosen among those within one window of it, each of which depends on its own window and, for a
        failure, on how many drops begin around it, each with what else drops in its country.
        """
        shared = 2 * self.shared_steps * self.step_most_s
        return max(shared, 2 * self.step_most_s + self.usual_s + self.own_s)

    @property
    def blocked_reach_s(self) -> int:
        """The same of blocking of a service: a group is chosen among those within one window of it."""
        return 2 * self.blocked_s

    @cached_property
    def hash(self) -> str:
        """Fingerprint of every rule."""
        return digest(msgspec.to_builtins(self))


DEFAULT_RULES = WatchRules()
