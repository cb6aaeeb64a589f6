"""The webhook: what is sent and signed, and that every change arrives, whatever the receiver does."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from streams.cli.main import shutdowns
from streams.health import pages
from streams.kafka import Broker
from streams.notify.notifier import Notifier, Receiver
from streams.notify.webhook import SecretError, read_secret, request
from streams.reading import read_topic
from streams.settings import Settings
from streams.thresholds import Bounds, Thresholds
from tests import test_runbook as runbook
from tests.agents.harness import REPOSITORY, until
from tests.consumers import published
from tests.played import played
from topics import SHUTDOWN_CHANGES, UNDELIVERED, ShutdownChange, decode

KEY = b"0123456789abcdef"
CHANGES = [record for topic, record in played() if isinstance(record, ShutdownChange)]


@dataclass
class Hook:
    """A receiver on this machine: what came, and what it answers (by how many came before)."""

    answer: Callable[[int, str], int] = lambda _number, _id: 204
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.requests]


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = hook.answer(len(hook.requests), headers["webhook-id"])
            hook.requests.append((headers, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield hook
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    return published(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix))


def notifier(settings: Settings, hook: Hook, **given: object) -> Notifier:
    values: dict[str, object] = {"name": "test", "url": hook.url, "key": KEY, "first_pause_s": 0.0, **given}
    return Notifier(settings, Receiver(**values), sleep=lambda _: None)  # type: ignore[arg-type]


def test_a_receiver_is_told_within_its_bounds_and_of_every_end() -> None:
    receiver = Receiver(name="test", url="", key=KEY, thresholds=Thresholds(happened=Bounds(0.9)))
    change = CHANGES[-1]

    def wants(**fields: object) -> bool:
        return receiver.wants(replace(change, shutdown=replace(change.shutdown, **fields)))

    assert wants(status="closed", happened=0.9)
    assert not wants(status="closed", happened=0.89)
    assert wants(status="retracted", happened=None)


def run(one: Notifier, changes: int = len(CHANGES), *, from_start: bool = True) -> None:
    """Run until so many changes are dealt with."""
    one.run(
        from_start=from_start,
        stop=lambda: one.counts.taken + one.counts.undelivered + one.counts.skipped >= changes,
    )


def test_the_documents_check_accepts_what_is_sent_and_nothing_else() -> None:
    texts = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/consuming.md").read_text(), re.DOTALL)
    program = next(text for text in texts if "def genuine" in text)
    names: dict[str, Callable[[bytes, dict[str, str], bytes], bool]] = {}
    exec(program, names)
    body, headers = request(CHANGES[0], KEY, 1_614_499_200)
    assert names["genuine"](KEY, headers, body)
    assert not names["genuine"](KEY, headers, body + b" ")
    assert not names["genuine"](KEY, {**headers, "webhook-timestamp": "1614499201"}, body)
    assert not names["genuine"](b"another key of 16+", headers, body)


def test_a_request_is_a_cloud_event() -> None:
    body, headers = request(CHANGES[0], KEY, 1_614_499_200)
    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-type"] == "shutdown-streams.shutdown-change"
    assert headers["ce-id"] == headers["webhook-id"] == CHANGES[0].id
    assert json.loads(body)["id"] == CHANGES[0].id


@pytest.mark.parametrize("text", ["short", "whsec_!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SecretError):
        read_secret(text)


def test_a_secret_is_read_as_standard_webhooks_writes_it() -> None:
    assert read_secret("whsec_" + base64.b64encode(KEY).decode()) == KEY
    assert read_secret("sixteen and more bytes") == b"sixteen and more bytes"


@pytest.mark.kafka
def test_every_change_arrives_in_order(settings: Settings, hook: Hook) -> None:
    run(notifier(settings, hook))
    assert sorted(hook.ids) == sorted(change.id for change in CHANGES)
    for one in {change.shutdown.id for change in CHANGES}:
        revisions = [int(ident.rpartition("/")[2]) for ident in hook.ids if ident.rpartition("/")[0] == one]
        assert revisions == sorted(revisions)


@pytest.mark.kafka
def test_only_what_was_asked_for(settings: Settings, hook: Hook) -> None:
    one = notifier(settings, hook, countries=frozenset({"TD"}))
    run(one)
    assert set(hook.ids) == {change.id for change in CHANGES if change.shutdown.country == "TD"}
    assert one.counts.skipped == len(CHANGES) - len(hook.ids) > 0


@pytest.mark.kafka
def test_a_receiver_in_trouble_is_asked_again(settings: Settings, hook: Hook) -> None:
    hook.answer = lambda number, _: (500, 429, 503, 204)[number] if number < 4 else 204
    one = notifier(settings, hook)
    run(one)
    assert hook.ids[:4] == [hook.ids[0]] * 4
    assert set(hook.ids) == {change.id for change in CHANGES}
    assert one.counts.undelivered == 0


@pytest.mark.kafka
def test_what_is_not_taken_lies_on_undelivered_and_can_be_delivered_again(settings: Settings, hook: Hook) -> None:
    """By the command that the runbook gives."""
    bad = CHANGES[0].id
    hook.answer = lambda _, ident: 500 if ident == bad else 204
    one = notifier(settings, hook, name="webhook", attempts=3)
    run(one)
    assert hook.ids.count(bad) == 3
    [lost] = [decode(UNDELIVERED, row.value) for row in read_topic(settings, UNDELIVERED)]
    assert (lost.notifier, lost.attempts, lost.reason, lost.change) == ("webhook", 3, "HTTP 500", CHANGES[0])
    assert set(hook.ids) == {change.id for change in CHANGES}, "the changes after it are not held up"
    figures = {sample.name: sample.value for family in one.health.collect() for sample in family.samples}
    assert figures["shutdowns_notify_delivered_total"] == len(CHANGES) - 1
    assert figures["shutdowns_notify_undelivered_total"] == 1
    assert figures["shutdowns_notify_failed_tries_total"] == 3
    assert figures["shutdowns_notify_behind"] == len(CHANGES), "as many as there were when it last asked Kafka"
    assert (one.health.dead(), one.health.unready()) == ([], [])
    hook.requests.clear()
    hook.answer = lambda *_: 204
    notifier(settings, hook, name="another").run(again=True)
    assert hook.ids == []
    [again] = [line for line in runbook.lines() if line.startswith("shutdowns notify ")]
    words = [hook.url if word.startswith("https:") else word for word in shlex.split(again)[1:]]
    assert hook.url in words
    environment = {**settings.to_environment(), "SHUTDOWNS_WEBHOOK_SECRET": KEY.decode()}
    for _ in range(2):
        done = CliRunner(env=environment).invoke(shutdowns, words)
        assert done.exit_code == 0, done.output
        assert hook.ids == [bad], "once, however often one asks"


@pytest.mark.kafka
def test_its_pages_are_there_while_it_delivers(settings: Settings, hook: Hook) -> None:
    one = notifier(settings, hook)
    told: list[str] = []

    def figures() -> bool:
        address = re.findall(r"http://\S+/metrics", told[0])[0]
        with urllib.request.urlopen(address) as answer:
            return f'delivered_total{{notifier="test"}} {len(CHANGES)}.0' in answer.read().decode()

    with pages(one.health, dataclasses.replace(settings, pages_port=0), told.append):
        one.run(from_start=True, stop=figures)


@pytest.mark.kafka
def test_a_refusal_is_final(settings: Settings, hook: Hook) -> None:
    hook.answer = lambda *_: 404
    one = notifier(settings, hook)
    run(one)
    assert len(hook.ids) == len(CHANGES) == one.counts.undelivered


@pytest.mark.kafka
def test_a_killed_notifier_goes_on_where_it_was(settings: Settings, hook: Hook, tmp_path: Path) -> None:
    """Killed in the middle of a request: that change comes again, none is missing."""
    gate = threading.Event()

    def answer(number: int, _: str) -> int:
        if number == 3:
            gate.wait(20)
        return 204

    hook.answer = answer
    command = [sys.executable, "-m", "streams.cli", "notify", "--from-start"]
    environment = {
        **os.environ,
        **settings.to_environment(),
        **in_files(tmp_path, f"{hook.url}?token=told-to-none"),
    }
    with (tmp_path / "log").open("wb") as log:
        first = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
        until(lambda: len(hook.requests) == 3, 30, "three changes are delivered")
        first.kill()
        first.wait()
        gate.set()
        second = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: set(hook.ids) == {change.id for change in CHANGES}, 30, "every change is delivered")
        finally:
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == 0
    assert len(hook.ids) <= len(CHANGES) + 2
    log_text = (tmp_path / "log").read_text()
    assert "Telling 127.0.0.1 of the changes" in log_text
    assert "delivered" in log_text
    assert "told-to-none" not in log_text
    assert KEY.decode() not in log_text


@pytest.mark.kafka
def test_a_new_one_begins_with_the_next_change(settings: Settings, hook: Hook) -> None:
    """And what comes while it is down after its first start is not passed over."""
    first = notifier(settings, hook)
    first.run(stop=lambda: True)
    published(settings, topics=(SHUTDOWN_CHANGES,), only=CHANGES[:1])
    run(first, 1, from_start=False)
    assert hook.ids == [CHANGES[0].id]


def in_files(folder: Path, url: str) -> dict[str, str]:
    """The variables that name files with the address and the secret, as Kubernetes mounts them."""
    (folder / "url").write_text(url + "\n")
    (folder / "secret").write_text(KEY.decode() + "\n")
    return {
        "SHUTDOWNS_WEBHOOK_URL_FILE": str(folder / "url"),
        "SHUTDOWNS_WEBHOOK_SECRET_FILE": str(folder / "secret"),
    }


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Receiver]:
    """The receivers that `shutdowns notify` would tell, instead of telling them."""
    found: list[Receiver] = []

    class Noted(Notifier):
        def __post_init__(self) -> None:
            super().__post_init__()
            found.append(self.receiver)

        def run(self, **_: object) -> None:
            pass

    monkeypatch.setattr("streams.notify.notifier.Notifier", Noted)
    return found


def test_secret_and_address_come_from_files(tmp_path: Path, started: list[Receiver]) -> None:
    url = "https://user:open-sesame@hooks.example.org/T0/told-to-none"
    done = CliRunner(env=in_files(tmp_path, url)).invoke(shutdowns, ["notify"])
    assert done.exit_code == 0, done.output
    (receiver,) = started
    assert (receiver.url, receiver.key) == (url, KEY)
    assert "Telling hooks.example.org of the changes" in done.output
    assert not re.search("sesame|told-to-none|0123456789", done.output)


def test_what_is_given_counts_before_a_variable_and_that_before_a_file(
    tmp_path: Path, started: list[Receiver]
) -> None:
    files = in_files(tmp_path, "http://file.example.org/")
    runner = CliRunner(env={**files, "SHUTDOWNS_WEBHOOK_URL": "http://variable.example.org/"})
    for words in ([], ["--url", "http://given.example.org/"]):
        assert runner.invoke(shutdowns, ["notify", *words]).exit_code == 0
    assert [one.url for one in started] == ["http://variable.example.org/", "http://given.example.org/"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    runner = CliRunner()
    assert "--url, SHUTDOWNS_WEBHOOK_URL" in runner.invoke(shutdowns, ["notify"]).stderr
    assert "SHUTDOWNS_WEBHOOK_SECRET" in runner.invoke(shutdowns, ["notify", "--url", "http://127.0.0.1:9/"]).stderr
    for url in ("told-to-none.example.org", "http://[told-to-none", "https:///told-to-none"):
        done = CliRunner(env=in_files(tmp_path, url)).invoke(shutdowns, ["notify"])
        assert done.exit_code == 2
        assert "told-to-none" not in done.output, "a token may be in it"
    (tmp_path / "secret").unlink()
    done = CliRunner(env={"SHUTDOWNS_WEBHOOK_SECRET_FILE": str(tmp_path / "secret")}).invoke(
        shutdowns, ["notify", "--url", "http://127.0.0.1:9/"]
    )
    assert "SHUTDOWNS_WEBHOOK_SECRET_FILE names" in done.stderr


@pytest.mark.parametrize(
    "words", [["--level", "foo"], ["--country", "Narnia"], ["--country", "KZ", "--country", "XX"]]
)
def test_what_no_change_could_ever_be_is_refused(words: list[str]) -> None:
    arguments = ["notify", "--url", "https://example.org", *words]
    done = CliRunner(env={"SHUTDOWNS_WEBHOOK_SECRET": KEY.decode()}).invoke(shutdowns, arguments)
    assert (done.exit_code, words[-1] in done.stderr) == (2, True)
