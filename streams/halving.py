"""A batch on which a stage fails: halved until the record is found, which is refused; all others go on.

So the run without Kafka does with a poison record what the workers do (`streams.agents.batching`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from streams.correlation import CountryState
from streams.stage import Overlay, Refused, Result, Stage, StateError, Store
from topics import Evidence

#: What is said of a record on which a stage fails.
FAILED = "the stage failed on it, and on nothing else of its batch"


def process_or_refuse(stage: Stage, records: Sequence[Any], store: Store) -> Result:
    """Process a batch, and refuse the records on which the stage fails.

    Raises:
        StateError: the state is not what the stage wrote.
        MemoryError: there is not enough memory for the batch.
    """
    overlay = Overlay(store)
    try:
        result = stage.process(records, overlay)
    except (StateError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, it is the record's
        # What the stage keeps in memory of the store may have part of the batch.
        stage.forget()
        if len(records) == 1:
            return Result(refused=[Refused(0, "out-of-bounds", f"{FAILED}: {type(error).__name__}: {error}")])
        half = len(records) // 2
        first = process_or_refuse(stage, records[:half], store)
        second = process_or_refuse(stage, records[half:], store)
        moved = [Refused(half + one.index, one.reason, one.detail, one.field) for one in second.refused]
        return Result(first.out + second.out, first.refused + moved)
    for key, value in overlay.changes():
        if value is None:
            del store[key]
        else:
            store[key] = value
    return result


def settle_or_refuse(
    pieces: Sequence[Evidence], empty: Callable[[], CountryState]
) -> tuple[CountryState, list[tuple[Evidence, Exception]]]:
    """Conclude on a country's evidence at once, without the pieces on which that fails.

    Args:
        pieces: all evidence of one country.
        empty: makes a state that holds nothing.

    Returns:
        The settled state, and each piece left out with the error that it caused.
    """
    refused: list[tuple[Evidence, Exception]] = []

    def attempt(kept: Sequence[Evidence]) -> CountryState:
        state = empty()
        for piece in kept:
            state.load(piece)
        state.settle()
        return state

    def sound(kept: list[Evidence], more: Sequence[Evidence]) -> list[Evidence]:
        """Those of `kept` and `more` that can be concluded on together."""
        try:
            attempt([*kept, *more])
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is a piece's
            if len(more) > 1:
                half = len(more) // 2
                return sound(sound(kept, more[:half]), more[half:])
            refused.extend((piece, error) for piece in more)
            return kept
        return [*kept, *more]

    return attempt(sound([], pieces)), refused
