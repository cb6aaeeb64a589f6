"""A plan in words: why so many workers, what limits first; and its tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.planning.model import GB, Plan, StagePlan
from streams.planning.skew import PARTITIONS, imbalance, shares
from streams.settings import Settings

STAGE_HEADINGS = ("stage", "partitions", "workers", "cores", "memory", "disk", "lost", "behind")
TOPIC_HEADINGS = ("topic", "partitions", "records a day", "bytes a day")
SKEW_HEADINGS = (
    "partitions", "measurements by regions", "evidence by regions", "measurements, a quarter in one country",
    "evidence, a quarter in one country",
)  # fmt: skip


def size(count: float) -> str:
    """Bytes in words.

    >>> size(900), size(2_500_000), size(3.1e9), size(4.2e13)
    ('900 B', '2.5 MB', '3.1 GB', '42 TB')
    """
    for unit, least in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= least:
            return f"{count / least:,.{1 if count < 10 * least else 0}f} {unit}"
    return f"{count:,.0f} B"


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(3.4), duration(200), duration(7_300)
    ('3 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60:,} h {minutes % 60} min"


def number(value: float) -> str:
    """A number with as many digits as say something.

    >>> number(0.0003), number(0.0123), number(12.3), number(12_345)
    ('<0.01', '0.01', '12', '12,345')
    """
    if value >= 10 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.{1 if value >= 1 else 2}f}" if value >= 0.01 else "<0.01"


def asked(plan: Plan) -> str:
    """What was asked, as a sentence."""
    of = plan.question
    values = "one value" if of.frame_values == 1 else f"{of.frame_values} values"
    return (
        f"{number(of.points_per_s)} points/s of {of.series:,} series, {of.frame_series} series with {values} each "
        f"in a record; {number(of.reports_per_day)} reports and {number(of.news_per_day)} news items a day; "
        f"{of.evidence_days} days of evidence; workers of {of.worker_memory_gb:g} GB, headroom {of.headroom:g}."
    )


def caption() -> str:
    """What the columns of the stages' table are."""
    return (
        "cores: processor time of the whole stage. memory, disk: of its busiest worker. lost: how long the "
        "partitions of a worker that died stand still, once its session is over "
        f"({Settings().session_timeout_s:g} s), if it comes back with the folder of its state / if others read it "
        "from the changelog. behind: to catch up after an hour in which nothing was read."
    )


def stage_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """A row of each stage, as `STAGE_HEADINGS` says."""
    for one in plan.stages:
        yield (
            one.stage,
            str(one.partitions),
            str(one.workers),
            number(one.cores),
            size(one.memory_bytes),
            size(one.disk_bytes),
            f"{duration(one.restore_folder_s)} / {duration(one.restore_changelog_s)}",
            duration(one.catch_up_s),
        )


def topic_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """A row of each topic, as `TOPIC_HEADINGS` says."""
    for one in plan.topics:
        name = one.topic.removeprefix("shutdown-streams-").replace("-state-changelog", "'s changelog")
        yield name, str(one.partitions), number(one.records_per_day), size(one.bytes_per_day)


def total(plan: Plan) -> str:
    """All of it, as a sentence."""
    copies = plan.question.replication
    return (
        f"Together: {plan.workers} workers, {number(plan.cores)} cores used, {size(plan.memory_bytes)} memory, "
        f"{size(plan.disk_bytes)} disk; {size(plan.kafka_bytes_per_day)} a day on Kafka, {copies} copies of each."
    )


def reason(one: StagePlan, plan: Plan) -> str:
    """Why a stage needs so many workers."""
    of = plan.question
    many = f"{one.workers} worker{'' if one.workers == 1 else 's'} of {one.stage}"
    load = f"{number(one.records_per_s)} records/s are {number(one.cores)} cores of work"
    if one.limit == "one is enough":
        return f"{many}: {load} and {size(one.memory_bytes)}. A second one would only take over sooner."
    skew = f"the busiest has {one.imbalance:.1f} times the mean, since countries are not equal"
    if one.limit == "processor time":
        return f"{many}, since {load}, each may use {1 / of.headroom:.0%} of one, and {skew}."
    need = f"the busiest needs {size(one.memory_bytes)} and {number(one.busy)} cores"
    if one.limit == "memory":
        return f"{many}, since a worker has {of.worker_memory_gb:g} GB of memory: {need}; {skew}."
    return (
        f"{many}; more would not help, since one country is one key and stays together: {need}, more than is meant."
    )


def limits(plan: Plan) -> list[str]:
    """What limits first, first."""
    of, found = plan.question, []
    for one in plan.stages:
        memory = f"its busiest worker needs {size(one.memory_bytes)} of {of.worker_memory_gb:g} GB"
        busy = f"its busiest worker uses {number(one.busy)} of the {1 / of.headroom:.2g} cores that it may"
        found.append((one.memory_bytes / of.worker_memory_gb / GB, f"memory of {one.stage}: {memory}."))
        found.append((one.busy * of.headroom, f"processor time of {one.stage}: {busy}."))
    found.sort(key=lambda row: -row[0])
    correlate = next(one for one in plan.stages if one.stage == "correlate")
    a_day = (correlate.memory_bytes - correlate.rest_bytes) / of.evidence_days
    growing = (
        "Evidence stays in memory as long as the rule `expiry_s` says (20 years): the busiest worker of correlate "
        f"grows by {size(a_day)} a day, and the figures above are for {of.evidence_days} days of it."
    )
    return [*(words for _, words in found[:3]), growing]


def skew_rows() -> Iterator[tuple[str, ...]]:
    """For each number of partitions, the fullest one's load over the mean, by what the keys are."""
    by_country = {largest: shares(largest) for largest in (0.0, 0.25)}
    for partitions in PARTITIONS:
        row = [str(partitions)]
        for keys in by_country.values():
            for prefix in ("ioda/", ""):
                found = imbalance({prefix + country: share for country, share in keys.items()}, partitions)
                row.append(f"{found:.1f}")
        yield tuple(row)


def as_markdown(plans: Sequence[tuple[str, Plan]]) -> str:
    """How uneven keys are, and plans under their headings, for docs/SCALING.md."""
    lines = ["### How uneven keys are", "", *_table(SKEW_HEADINGS, skew_rows()), "", caption(), ""]
    for heading, plan in plans:
        lines += [f"### {heading}", "", asked(plan), ""]
        lines += [*_table(STAGE_HEADINGS, stage_rows(plan)), ""]
        lines += [*_table(TOPIC_HEADINGS, topic_rows(plan)), "", total(plan), ""]
        lines += [f"- {reason(one, plan)}" for one in plan.stages]
        lines += ["", "What limits first:", ""]
        lines += [f"{at}. {words[0].upper()}{words[1:]}" for at, words in enumerate(limits(plan), 1)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def _table(headings: Sequence[str], rows: Iterator[tuple[str, ...]]) -> list[str]:
    bars = "|".join("---" if at == 0 else "---:" for at, _ in enumerate(headings))
    return [f"| {' | '.join(headings)} |", f"|{bars}|", *(f"| {' | '.join(row)} |" for row in rows)]
