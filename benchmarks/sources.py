"""What sources cost: `python benchmarks/sources.py`; with `--large` files of a gigabyte as well.

Rows a second of each file reader, on made files in the published forms, by processor time, since machines are
shared; resident memory while a gigabyte is read; and a round of polling all of IODA's world, against a service in a
process of its own: requests, bytes, and how long a round takes within the manners (`Manners.every_s` between two
requests).
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from streams.geography.tables import UNIT, countries, gazetteer
from streams.sources import acled, gdelt, ioda_signals, stop
from streams.sources.ioda_live_signals import SignalsPoller
from streams.sources.polling import Live, poll
from streams.sources.rows import Accepted, Row
from streams.sources.state import Status
from topics import Measurement, encode

NOW = 1_700_000_400
GIGABYTE, SETTLED = 1_000_000_000, 500_000
PLACES = (
    ("India", "356", "Telangana", "Hyderabad", 17.384, 78.4563),
    ("Sudan", "729", "Khartoum", "Khartoum", 15.55, 32.53),
    ("Kazakhstan", "398", "Almaty City", "Almaty", 43.25, 76.95),
    ("Iran", "364", "Tehran", "Tehran", 35.69, 51.42),
)

STOP_COLUMNS = """
    start_date_type start_date country geo_scope area_name shutdown_type affected_network shutdown_extent
    ordered_by decision_maker actual_cause actual_cause_details info_source info_source_link shutdown_status
    end_date duration gov_justification gov_just_details gov_ack legal_just legal_method gov_ack_source
    gov_ack_quote facebook_affected twitter_affected whatsapp_affected instagram_affected telegram_affected
    other_affected sms_affected phonecall_affected telcos_involved telco_ack telco_ack_source
    telco_ack_quote election violence hr_abuse_reported users_targeted users_target_detail users_notified
    econ_impact event an_link
""".split()  # noqa: SIM905 - 45 names in quotes are harder to read
ACLED_COLUMNS = """
    event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1
    assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region country
    admin1 admin2 admin3 location latitude longitude geo_precision source source_scale notes fatalities tags
    timestamp
""".split()  # noqa: SIM905 - 45 names in quotes are harder to read


def written(path: Path, header: list[str], row: Callable[[int], dict[str, str]], rows: int, size: int = 0) -> Path:
    """A CSV of so many rows, or of so many bytes."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        number = 0
        while number < rows or stream.buffer.tell() < size:
            writer.writerow(row(number))
            number += 1
    return path


def stop_row(number: int) -> dict[str, str]:
    day = f"2022-{number % 12 + 1:02}-{number % 28 + 1:02}"
    links = f"https://example.org/{number}/2022/{number % 12 + 1:02}/internet-cut https://example.com/post/{number}"
    return {
        "start_date_type": "Actual",
        "start_date": day,
        "end_date": day,
        "duration": "1",
        "country": PLACES[number % 4][0],
        "geo_scope": "It only affected one city, county, or village",
        "area_name": f"{PLACES[number % 4][3]}, block {number}",
        "shutdown_type": "Shutdown",
        "affected_network": "Mobile",
        "shutdown_extent": "Full network",
        "ordered_by": "Regional government",
        "actual_cause": "Protests",
        "info_source_link": links,
        "shutdown_status": "Ended",
        "gov_ack": "Yes",
        "facebook_affected": "Yes",
        "event": f"What happened on that day, number {number}, in some words.",
        "an_link": f"https://example.net/{number}",
    }


def acled_row(number: int) -> dict[str, str]:
    dice = random.Random(number)  # noqa: S311 - made data
    country, iso, region, city, latitude, longitude = PLACES[number % 4]
    return {
        "event_id_cnty": f"XXX{number}",
        "event_date": f"20{number % 6 + 18}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "time_precision": "1",
        "event_type": "Protests",
        "sub_event_type": "Peaceful protest",
        "iso": iso,
        "country": country,
        "admin1": region,
        "location": city,
        "latitude": f"{latitude + dice.gauss(0, 0.05):.4f}",
        "longitude": f"{longitude + dice.gauss(0, 0.05):.4f}",
        "geo_precision": "1",
        "source": "A paper",
        "notes": "People rallied at that place on that day, and nothing else is said of it here. " * 3,
        "tags": "crowd size=about 100",
        "timestamp": str(1_600_000_000 + number),
    }


def gdelt_line(number: int, share: int) -> str:
    cells = [""] * 61
    country, _, _, city, latitude, longitude = PLACES[number % 4]
    fips = {"India": "IN", "Sudan": "SU", "Kazakhstan": "KZ", "Iran": "IR"}[country]
    protest = number % share == 0
    for at, cell in {
        0: str(number),
        1: "20191024",
        6: "STUDENT",
        25: "1",
        26: "141" if protest else "010",
        28: "14" if protest else "01",
        31: "10",
        32: "1",
        33: "10",
        34: "-2.5",
        51: "4",
        52: f"{city}, {country}",
        53: fips,
        56: str(latitude),
        57: str(longitude),
        58: str(number % 900),
        59: "20191024143000",
        60: f"https://example.org/article/{number}",
    }.items():
        cells[at] = cell
    return "\t".join(cells)


def gdelt_file(path: Path, rows: int, share: int, size: int = 0) -> Path:
    """Events of which one in `share` is a protest; one in 68 is what a native file has."""
    with path.open("w", encoding="utf-8") as stream:
        number = 0
        while number < rows or stream.buffer.tell() < size:
            stream.write(gdelt_line(number, share) + "\n")
            number += 1
    return path


def signals_file(path: Path, answers: int) -> Path:
    """Answers of /signals/raw: a week of BGP of five countries each."""
    dice = random.Random(1)  # noqa: S311 - made data
    with path.open("w", encoding="utf-8") as stream:
        for at in range(answers):
            begin = 1_706_745_600 + at * 604_800
            data = [
                [
                    {
                        "entityType": "country",
                        "entityCode": code,
                        "entityName": code,
                        "entityFqid": f"geo.provider.AS.{code}",
                        "datasource": "bgp",
                        "from": begin,
                        "until": begin + 604_800,
                        "step": 300,
                        "nativeStep": 300,
                        "values": [dice.randint(50_000, 60_000) for _ in range(2016)],
                    }
                ]
                for code in ("KZ", "TR", "IR", "SD", "BY")
            ]
            stream.write(json.dumps({"type": "signals", "metadata": {}, "error": None, "data": data}) + "\n")
    return path


def taken(rows: Iterator[Row]) -> tuple[int, int]:
    """How many rows there were, and how many values in them; records are encoded, as publishing does."""
    count = values = 0
    for row in rows:
        count += 1
        if isinstance(row, Accepted):
            encode(row.record)
            if isinstance(row.record, Measurement):
                values += len(row.record.values) * len(row.record.values[0])
    return count, values


def rate(read: Callable[[Path], Iterator[Row]], path: Path) -> tuple[float, float]:
    """Rows and values a second of processor time, of a file that was not read before."""
    began = time.process_time()
    count, values = taken(read(path))
    took = time.process_time() - began
    return count / took, values / took


def resident(read: Callable[[Path], Iterator[Row]], path: Path, told: Connection) -> None:
    """In a process of its own: megabytes at `SETTLED` rows, when what is remembered of places is full, at the
    end, and how many rows there were."""
    first, count = 0.0, 0
    for row in read(path):
        count += 1
        if isinstance(row, Accepted):
            encode(row.record)
        if count == SETTLED:
            first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told.send((first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, count))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def readers(folder: Path, rows: int) -> None:
    say(f"file readers, rows/s of processor time ({rows:,} rows, encoded as for Kafka)")
    few, names = 200, ("warm.csv", "stop.csv", "acled.csv", "a.export.CSV", "b.export.CSV", "signals.jsonl")
    warm, lists, events, native, protests, signals = (folder / name for name in names)
    # What is read once, maps and names, is no matter of rows.
    taken(stop.read(written(warm, STOP_COLUMNS, stop_row, few)))
    taken(acled.read(written(warm, ACLED_COLUMNS, acled_row, few)))
    files: list[tuple[str, Any, Path]] = [
        ("STOP, 2021 and later", stop.read, written(lists, STOP_COLUMNS, stop_row, rows)),
        ("ACLED", acled.read, written(events, ACLED_COLUMNS, lambda at: acled_row(at + few), rows)),
        ("GDELT events, 1 in 68 a protest", gdelt.read, gdelt_file(native, rows * 5, 68)),
        ("GDELT events, all protests", gdelt.read, gdelt_file(protests, rows, 1)),
    ]
    for name, read, path in files:
        say(f"  {name:34} {rate(read, path)[0]:12,.0f}")
    _, values = rate(ioda_signals.read, signals_file(signals, 40))
    say(f"  {'IODA signals, values/s':34} {values:12,.0f}")


def large(folder: Path) -> None:
    say(f"a gigabyte, resident megabytes after {SETTLED:,} rows and at the end")
    context = multiprocessing.get_context("fork")
    files: list[tuple[str, Any, Path]] = [
        ("ACLED", acled.read, written(folder / "large.csv", ACLED_COLUMNS, acled_row, 0, GIGABYTE)),
        ("GDELT events", gdelt.read, gdelt_file(folder / "large.export.CSV", 0, 68, GIGABYTE)),
    ]
    for name, read, path in files:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=resident, args=(read, path, there))
        process.start()
        first, last, count = here.recv()
        process.join()
        say(f"  {name:34} {first:8,.0f} {last:8,.0f}   ({count:,} rows)")
        path.unlink()


def serve(told: Connection) -> None:
    """The service: all countries and regions of the map, values at their steps."""
    from tests.sources import ioda_fake
    from tests.sources.fake import Fake

    known = gazetteer()
    ioda_fake.NAMES = {code: one.name for code, one in countries().items()}
    ioda_fake.REGIONS = {
        str(row): (known.codes[known.country[row]], known.names[row])
        for row in range(len(known.kind))
        if known.kind[row] == UNIT
    }
    world = ioda_fake.World(NOW)
    fake = Fake(world.routes())
    told.send((fake.url, len(ioda_fake.NAMES), len(ioda_fake.REGIONS)))
    while (now_s := told.recv()) is not None:
        world.now_s = now_s
        told.send(fake.sent)


def world(days: int, rounds: int) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    url, nations, regions = here.recv()
    poller, cursors = SignalsPoller(Live(url=url, since_s=NOW - days * 86_400)), dict[str, Any]()
    manners = poller.manners
    pause = manners.every_s
    say(f"IODA's world: {nations} countries, {regions:,} regions, 4 signals; {pause} s between two requests")
    poller.manners = type(manners)(every_s=0.0, timeout_s=300.0)
    sent = [0, 0]

    def publish(records: Any) -> None:
        for _, record in records:
            sent[0] += len(encode(record))
            sent[1] += len(record.values) * len(record.values[0])

    for number in range(rounds):
        now_s = NOW + number * poller.every_s
        here.send(now_s)
        here.recv()
        sent[:] = [0, 0]
        told: list[Status] = []
        began, busy = time.monotonic(), time.process_time()
        poll(poller, cursors, publish, rounds=1, clock=lambda at=now_s: float(at), told=told.append)  # type: ignore[misc]
        took, busy = time.monotonic() - began, time.process_time() - busy
        status = told[0]
        paced = max(took, status.requests * pause)
        say(
            f"  {'first round, ' + str(days) + ' days' if number == 0 else 'round ' + str(number + 1):24} "
            f"{status.requests:5,} requests {status.received / 1e6:8.1f} MB received {sent[1]:12,} values "
            f"{sent[0] / 1e6:7.1f} MB published; {busy:6.1f} s of processor, a round takes {paced:6.1f} s"
            + (f"; FAILED {status.error[:200]}" if status.error else "")
        )
    largest = max(len(json.dumps(one)) for one in cursors.values())
    say(f"  {'largest cursor':24} {largest:9,} bytes of {len(cursors)}")
    here.send(None)
    process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of each file (default: %(default)s)")
    parser.add_argument("--days", type=int, default=1, help="days of the first round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of polling (default: %(default)s)")
    parser.add_argument("--large", action="store_true", help="read files of a gigabyte too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        readers(Path(folder), given.rows)
        if given.large:
            large(Path(folder))
    world(given.days, given.rounds)


if __name__ == "__main__":
    main()
