"""The stage: what it refuses, how it keeps and reads its state, what it bounds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from streams.correlation import CorrelateStage, RulesError, default_rules, load_rules
from streams.correlation import chunks as chunks_module
from streams.correlation.rules import WINDOWS
from streams.stage import Store
from tests.correlation.evidence import ALMATY, DAY_S, START_S, claim, coverage, day_claim, outage, protest
from topics import SHUTDOWN_CHANGES, SHUTDOWNS, Evidence, Place, Shutdown, ShutdownChange

RULES_FILE = Path(chunks_module.__file__).parent / "rules.toml"


def test_each_change_goes_to_both_topics() -> None:
    result = CorrelateStage().process([outage("o"), claim("c")], {})
    assert [topic for topic, _ in result.out] == [SHUTDOWN_CHANGES, SHUTDOWNS] * 2
    changes = [record for topic, record in result.out if isinstance(record, ShutdownChange)]
    assert [change.change for change in changes] == ["opened", "escalated"]
    assert changes[1].because == ("c",)
    assert "level" in changes[1].changed
    assert changes[1].id == f"{changes[1].shutdown.id}/2"


def test_an_outage_that_ends_closes_its_shutdown() -> None:
    stage = CorrelateStage()
    store: Store = {}
    stage.process([outage("o", hours=None)], store)
    result = stage.process([msgspec.structs.replace(outage("o"), revision=1)], store)
    changes = [record for _, record in result.out if isinstance(record, ShutdownChange)]
    assert [(change.change, change.shutdown.status) for change in changes] == [("closed", "closed")]


def test_a_reported_shutdown_keeps_its_id_when_it_is_measured() -> None:
    stage = CorrelateStage()
    store: Store = {}
    [first] = [record for _, record in stage.process([claim("c")], store).out if isinstance(record, Shutdown)]
    result = stage.process([outage("o")], store)
    changes = [record for _, record in result.out if isinstance(record, ShutdownChange)]
    assert [(change.change, change.shutdown.level) for change in changes] == [("escalated", "corroborated")]
    assert (changes[0].shutdown.id, changes[0].shutdown.revision) == (first.id, 2)


def test_state_is_read_again_from_the_store() -> None:
    store: Store = {}
    CorrelateStage().process([outage("o")], store)
    result = CorrelateStage().process([claim("c")], store)
    changes = [record for _, record in result.out if isinstance(record, ShutdownChange)]
    assert [(change.change, change.shutdown.revision) for change in changes] == [("escalated", 2)]


def test_forgetting_drops_what_is_cached() -> None:
    stage = CorrelateStage()
    store: Store = {}
    stage.process([outage("o")], store)
    stage.forget()
    result = stage.process([claim("c")], {})
    changes = [record for _, record in result.out if isinstance(record, ShutdownChange)]
    assert [change.shutdown.level for change in changes] == ["reported"]


def test_what_makes_no_sense_is_refused_and_the_rest_goes_on() -> None:
    elsewhere = msgspec.structs.replace(outage("a"), place=Place(kind="country", country="TD", name="Chad"))
    backwards = msgspec.structs.replace(outage("b"), until_s=START_S - 1)
    result = CorrelateStage().process([elsewhere, backwards, outage("c")], {})
    assert [(one.index, one.reason, one.field) for one in result.refused] == [
        (0, "unknown-place", "place.country"),
        (1, "absurd-time", "until_s"),
    ]
    assert len(result.out) == 2


def test_evidence_older_than_what_is_kept_is_refused() -> None:
    store: Store = {}
    stage = CorrelateStage()
    stage.process([outage("new")], store)
    old = day_claim("old", "2000-01-01")
    result = stage.process([old], store)
    assert [(one.reason, one.field) for one in result.refused] == [("out-of-bounds", "from_s")]


def test_what_expires_is_deleted_from_the_store() -> None:
    store: Store = {}
    stage = CorrelateStage()
    stage.process([day_claim("old", "2000-01-01")], store)
    stage.process([outage("new")], store)
    assert not [key for key in store if "2000" in key]
    assert len(CorrelateStage().memory("KZ", store).state.pieces) == 1


def test_a_day_with_too_much_evidence_refuses_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks_module, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr(chunks_module, "CHAIN", 2)
    store: Store = {}
    result = CorrelateStage().process([claim(f"c{number}") for number in range(200)], store)
    assert result.refused
    assert {one.reason for one in result.refused} == {"out-of-bounds"}
    assert max(len(value) for value in chunks_of(store).values()) < 2_100
    assert len(chunks_of(store)) == 32


@pytest.mark.parametrize(
    "flood",
    [
        [claim(f"person {number}", reporter="individual") for number in range(300)],
        [protest(f"protest {number}", "2021-03-01") for number in range(300)],
    ],
    ids=["individuals", "protests"],
)
def test_a_flood_leaves_room_for_who_puts_a_name_to_it(
    flood: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks_module, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr(chunks_module, "CHAIN", 4)
    monkeypatch.setattr(chunks_module, "CHAIN_OF_CROWDS", 2)
    stage = CorrelateStage()
    named = [claim(f"ngo {number}") for number in range(16)]
    result = stage.process([*flood, *named, outage("o")], {})
    refused = {one.index for one in result.refused}
    assert refused
    assert max(refused) < len(flood)


def chunks_of(store: Store) -> dict[str, bytes]:
    return {key: store[key] for key in store if key.startswith("e/")}


def test_a_day_that_fills_its_chunks_begins_others_and_a_revision_rewrites_only_its_own() -> None:
    days = [coverage(f"v{number}", "n" * 23) for number in range(1_500)]
    store: Store = {}
    stage = CorrelateStage()
    assert not stage.process(days, store).refused
    assert len(chunks_of(store)) > 16
    assert max(len(value) for value in chunks_of(store).values()) <= chunks_module.CHUNK_BYTES
    # Read back, and again: the same pieces, and each where it was.
    before = chunks_of(store)
    again = CorrelateStage()
    again.process([coverage("v7", "n" * 24, revision=1)], store)
    changed = [key for key, value in chunks_of(store).items() if before.get(key) != value]
    assert len(changed) == 1
    state = CorrelateStage().memory("KZ", store).state
    assert len(state.pieces) == 1_500
    assert state.pieces["v7"].revision == 1


def test_a_chunk_from_before_chunks_were_small_is_read_and_takes_revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks had up to 400 kB each; states kept then go on."""
    old = [coverage(f"v{number}", "n" * 23) for number in range(1_000)]
    store: Store = {}
    with monkeypatch.context() as before:
        before.setattr(chunks_module, "CHUNK_BYTES", 400_000)
        CorrelateStage().process(old, store)
    assert len(chunks_of(store)) == 16
    stage = CorrelateStage()
    assert not stage.process([coverage("v7", "n" * 24, revision=1), coverage("new", "n")], store).refused
    assert len(chunks_of(store)) == 17
    state = CorrelateStage().memory("KZ", store).state
    assert len(state.pieces) == 1_001
    assert state.pieces["v7"].revision == 1


def test_a_piece_that_moves_to_another_day_leaves_the_first() -> None:
    store: Store = {}
    stage = CorrelateStage()
    stage.process([claim("c", ALMATY)], store)
    stage.process([claim("c", ALMATY, START_S + 40 * DAY_S, revision=1)], store)
    state = CorrelateStage().memory("KZ", store).state
    assert [piece.from_s for piece in state.pieces.values()] == [START_S + 40 * DAY_S]


def edited(tmp_path: Path, before: str, after: str) -> Path:
    text = RULES_FILE.read_text()
    assert before in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(before, after, 1))
    return path


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_longer_than_the_lateness_bound_is_refused(name: str, tmp_path: Path) -> None:
    text = RULES_FILE.read_text()
    head, tail = text.split(f"[{name}]\n", 1)
    path = tmp_path / "rules.toml"
    path.write_text(f"{head}[{name}]\nvalue = 1209601\n{tail.split(chr(10), 1)[1]}")
    with pytest.raises(RulesError, match=rf"lines \d+ and \d+: `{name}` is 1,209,601, more than `lateness_s`"):
        load_rules(path)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[protest_km]", "[protest_miles]", "`[protest_km]` is missing"),
        ("value = 50", 'value = "50"', "value must be a number"),
        ("value = 50", "value = -1", "at least 0"),
        ("value = 50", "value = true", "value must be a number"),
        ("value = 0.5", "value = 2.0", "`interruption_share`"),
        ("version = 1", "version = 0", "version must be"),
        ("[protest_km]", "[protest_km", "not TOML"),
        ("why =", "because =", "needs exactly"),
    ],
)
def test_a_rule_file_that_makes_no_sense_is_refused(before: str, after: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(RulesError) as caught:
        load_rules(edited(tmp_path, before, after))
    assert message in str(caught.value)


def test_other_rules_have_another_hash_and_other_reasons_have_not(tmp_path: Path) -> None:
    assert load_rules(edited(tmp_path, "value = 50", "value = 60")).hash != default_rules().hash
    assert load_rules(edited(tmp_path, "or within 50 km", "or near")).hash == default_rules().hash


def test_the_hash_of_the_rules_is_in_every_shutdown() -> None:
    result = CorrelateStage().process([outage("o")], {})
    assert [record.rules for topic, record in result.out if topic is SHUTDOWNS] == [default_rules().hash]  # type: ignore[attr-defined]
