"""The API under load: 500 requests a second over 10,000 shutdowns, how that compares to a bare "hello" of the same
server, and 1,000 followers of the stream.

    python benchmarks/api.py

The server has one core, the clients the other. Where others use the machine too, latencies tell of them; what a
request costs in processor time does not. Requests come at a steady rate whether or not the answers do, and
latency counts from when a request was due: a server that stalls can't hide it. The ratio to "hello" is measured
within one run, so that it means the same on any machine; with `wrk` on PATH also at full speed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from streams.geography import country_place
from topics import SHUTDOWN_CHANGES, Place, Reason, Shutdown, ShutdownChange, Support, encode

COUNTRIES = ("KZ", "IR", "IN", "MM", "SD", "ET", "BY", "RU", "UG", "TD")
RATE, SECONDS, CONNECTIONS = 500, 10, 50
FOLLOWERS, CHANGES = 1000, 40


def example(number: int, revision: int = 1) -> Shutdown:
    """A shutdown made up for the benchmark, with as much evidence as a corroborated one of the seed case has."""
    country = COUNTRIES[number % len(COUNTRIES)]
    centre = country_place(country)
    from_s = 1_451_606_400 + number * 31_000
    piece = Support(
        id="", kind="claim", role="supports", source="made-up", lineage="made-up", place="", from_s=from_s,
        until_s=None, words="somebody says that the internet was cut here",
    )  # fmt: skip
    return Shutdown(
        id=f"{country}-{number:016x}",
        revision=revision,
        digest=f"{number:032x}",
        status="closed",
        level=("corroborated", "measured", "reported", "contradicted")[number % 4],  # type: ignore[arg-type]
        country=country,
        place=Place(
            kind="city", country=country, name=f"City {number % 400}", city=number % 400 + 1,
            latitude=centre.latitude, longitude=centre.longitude, time_zone=centre.time_zone,
        ),
        from_s=from_s,
        until_s=from_s + 10_800,
        from_uncertainty_s=600,
        until_uncertainty_s=600,
        precision="minute",
        incident=f"incident-{number // 3:x}",
        scope="local",
        measurement="dropped",
        evidence=tuple(msgspec.structs.replace(piece, id=f"claim/{number}/{each}") for each in range(10)),
        why=(Reason(code="claim-agrees", rule="level/1", words="Dropped, and independent sources say so."),),
        rules="made-up",
    )  # fmt: skip


def serve(many: int) -> None:
    """The server: `many` shutdowns, a bare hello, and on SIGUSR1 changes for those who follow."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    from streams.api.app import create_app
    from streams.api.guard import Limits
    from streams.api.server import config, listen
    from streams.api.state import State
    from streams.api.store import Store

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    began, before = time.perf_counter(), rss_mb()
    state = State(Store())

    def put(number: int, offset: int, revision: int = 1) -> None:
        one = example(number, revision)
        change = ShutdownChange(
            id=f"{one.id}/{revision}", change="updated", changed=(), because=(), words="made up", shutdown=one
        )
        state.take(SHUTDOWN_CHANGES, 0, offset, encode(change))

    state.store.begin()
    for number in range(many):
        put(number, number)
    state.store.commit()
    assert len(state.entries) == many, "what is made up here is valid"
    print(f"{many:,} shutdowns in memory: {rss_mb() - before:.0f} MB more, {time.perf_counter() - began:.1f} s")

    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async def tell() -> None:
        for number in range(CHANGES):
            put(number, many + number, 2)
            state.announce()
            await asyncio.sleep(0.1)

    async def run() -> None:
        telling: set[asyncio.Task[None]] = set()
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGUSR1, lambda: telling.add(asyncio.create_task(tell()))
        )
        api = create_app(state, limits=Limits(rate=0))
        app = Starlette(routes=[Route("/hello", hello), Mount("/", api)])
        with listen("127.0.0.1", 0) as listener:
            server = uvicorn.Server(config(app))
            print(f"port {listener.getsockname()[1]}", flush=True)
            await server.serve(sockets=[listener])

    with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        runner.run(run())


def rss_mb(pid: int | str = "self") -> float:
    """Resident memory of a process, MB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def paced(port: int, paths: Sequence[str]) -> np.ndarray:
    """Latencies in ms of RATE requests a second over SECONDS, over CONNECTIONS connections."""
    due = asyncio.Queue[tuple[float, str]]()
    found: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            at, path = await due.get()
            if not path:
                break
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            found.append((time.perf_counter() - at) * 1000)
        writer.close()

    connections = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        at = began + number / RATE
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((at, paths[number % len(paths)]))
    for _ in connections:
        due.put_nowait((0.0, ""))
    await asyncio.gather(*connections)
    return np.asarray(found)


async def followed(port: int, pid: int) -> tuple[int, float, float]:
    """How many of FOLLOWERS got all CHANGES, when the last had the last one after it was told, and memory, MB."""
    ready = asyncio.Semaphore(0)

    async def follow() -> tuple[int, float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /stream?short=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"retry")
        ready.release()
        seen = set()
        while len(seen) < CHANGES:
            line = await reader.readline()
            if line.startswith(b"id: "):
                seen.add(line)
        writer.close()
        return len(seen), time.perf_counter()

    tasks = [asyncio.create_task(follow()) for _ in range(FOLLOWERS)]
    for _ in tasks:
        await ready.acquire()
    began = time.perf_counter()
    os.kill(pid, signal.SIGUSR1)
    async with asyncio.timeout(60):
        results = await asyncio.gather(*tasks)
    late_s = max(at for _, at in results) - began - 0.1 * (CHANGES - 1)
    return sum(count == CHANGES for count, _ in results), late_s, rss_mb(pid)


def at_full_speed(port: int, path: str) -> float:
    """Requests a second that wrk gets through."""
    done = subprocess.run(
        ["wrk", "-t1", "-c20", "-d5s", f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    )
    return float(done.stdout.partition("Requests/sec:")[2].split()[0])


def measure(port: int, pid: int) -> None:
    """Print all figures."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    kept, fresh = "/shutdowns?country=KZ", [f"/shutdowns?country=KZ&from={1_451_606_400 + n}" for n in range(5000)]
    cases = {"hello": ["/hello"], "/shutdowns?country=KZ": [kept], "the same, never asked before": fresh}
    print(f"{RATE} requests/s for {SECONDS} s, latency in ms:      p50      p99      max   processor ms each")
    for name, paths in cases.items():
        before_s = cpu_s(pid)
        found = asyncio.run(paced(port, paths))
        each = (cpu_s(pid) - before_s) / len(found) * 1000
        p50, p99, most = (*np.percentile(found, (50, 99)), found.max())
        print(f"  {name:<42} {p50:>8.2f} {p99:>8.2f} {most:>8.2f} {each:>19.3f}")
    if shutil.which("wrk"):
        speeds = {path: at_full_speed(port, path) for path in ("/hello", kept)}
        ratio = speeds[kept] / speeds["/hello"]
        print(
            f"at full speed (wrk): hello {speeds['/hello']:,.0f}/s, {kept} {speeds[kept]:,.0f}/s: ratio {ratio:.2f}"
        )
    before_s = cpu_s(pid)
    whole, late_s, memory = asyncio.run(followed(port, pid))
    print(
        f"{FOLLOWERS:,} followers: {whole:,} got all {CHANGES} changes, the last one {late_s * 1000:.0f} ms after "
        f"it was told, {(cpu_s(pid) - before_s) / FOLLOWERS / CHANGES * 1e6:.0f} µs of processor time for each of "
        f"each; the server has {memory:.0f} MB"
    )


def main() -> None:
    """Start the server, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shutdowns", type=int, default=10_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    if given.serve:
        serve(given.shutdowns)
        return
    command = [sys.executable, __file__, "--serve", "--shutdowns", str(given.shutdowns)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            print(server.stdout.readline().strip())
            measure(int(server.stdout.readline().split()[1]), server.pid)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
