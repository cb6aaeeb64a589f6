"""A secured broker: who may connect, by password and by certificate, and what each role is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from streams import acls, admin, security
from streams.admin import KafkaUnreachableError, TopicsError
from streams.checks import broker_settings, clock_ahead_s
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.kafka.secure import ROLES, Identities, ensure, write_settings
from streams.lag import lag
from streams.reading import read_shutdowns, read_topic, standing
from streams.release.releasing import Releaser
from streams.scenarios.kazakhstan_2021_02_28 import SCENARIO
from streams.settings import CONFIG_VARIABLE, Settings
from streams.sources.publishing import Publisher, PublishError
from streams.stage import SOURCES
from tests.agents.harness import WorkerProcess, until
from tests.api.process import serving
from tests.flow.system import offline
from tests.kafka import rights
from tests.release.posted import FORGED, post
from tests.renaming import contents
from topics import (
    EVIDENCE,
    FORM_REPORTS,
    INVALID,
    NEWS,
    REPORTS,
    SHUTDOWNS,
    UNDELIVERED,
    Invalid,
    Topic,
    decode,
    encode,
)

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("secured"), heap="384m", secured=True) as broker:
        settings = of(broker, "admin")
        admin.create_topics(settings)
        acls.apply(settings)
        until(lambda: _sees_topic(of(broker, "form"), FORM_REPORTS), 60, "the rights of the last role to count")
        yield broker


def _sees_topic(settings: Settings, topic: Topic) -> bool:
    with admin.connected(settings) as client:
        return not admin.missing(client, [settings.prefix + topic.name])


def identities(broker: Broker) -> Identities:
    assert broker.identities is not None
    return broker.identities


def of(broker: Broker, role: str, *, certificate: bool = False, **given: object) -> Settings:
    """The settings of a role, as its file has them."""
    path = identities(broker).settings_file(role, certificate=certificate)
    return Settings.from_environment({CONFIG_VARIABLE: str(path)}, **given)


def refused(settings: Settings, *, topic: str, write: bool) -> bool:
    """Whether Kafka refuses that; by kafka-python itself."""
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError, TopicAuthorizationFailedError

    try:
        if write:
            producer = KafkaProducer(**security.client(settings), max_block_ms=5_000)
            try:
                producer.send(topic, b"x").get(timeout=10)
            finally:
                producer.close(timeout=1)
        else:
            # What may not be read is not even to be seen.
            consumer = KafkaConsumer(**security.client(settings))
            try:
                return not consumer.partitions_for_topic(topic)
            finally:
                consumer.close()
    except TopicAuthorizationFailedError:
        return True
    except KafkaError as error:
        return "not authorized" in str(error).lower() or "authorization" in str(error).lower()
    return False


def test_the_seed_case_runs_with_every_role_doing_its_own(secured: Broker, tmp_path: Path) -> None:
    worker_settings = of(secured, "worker", session_timeout_s=10)
    sent = [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    worker = WorkerProcess(worker_settings, (), tmp_path / "worker", {})
    try:
        worker.ready()
        with Publisher(of(secured, "ingest")) as publisher:
            for one in sent:
                publisher.send(*one)
        reader, wanted = of(secured, "reader"), contents(offline(sent))
        until(lambda: contents(standing(read_shutdowns(reader))) == wanted, 60, worker.log())
        with admin.connected(of(secured, "admin", certificate=True)) as client:
            until(lambda: not any(lag(client, worker_settings, SOURCES).values()), 30, "all to be committed")
    finally:
        worker.kill()


@pytest.mark.parametrize("certificate", [False, True], ids=["password", "certificate"])
def test_roles_are_refused_what_is_not_theirs(secured: Broker, certificate: bool) -> None:
    def settings(role: str) -> Settings:
        return of(secured, role, certificate=certificate)

    assert refused(settings("ingest"), topic=SHUTDOWNS.name, write=True)
    assert refused(settings("ingest"), topic=EVIDENCE.name, write=True)
    assert not refused(settings("ingest"), topic=REPORTS.name, write=True)
    assert refused(settings("form"), topic=REPORTS.name, write=True)
    assert refused(settings("archivist"), topic=FORM_REPORTS.name, write=False)
    assert not refused(settings("curator"), topic=EVIDENCE.name, write=True)
    assert refused(settings("reader"), topic=REPORTS.name, write=False)
    assert refused(settings("reader"), topic=SHUTDOWNS.name, write=True)
    assert not refused(settings("reader"), topic=SHUTDOWNS.name, write=False)
    assert not refused(settings("notifier"), topic=UNDELIVERED.name, write=False)
    assert refused(settings("form"), topic=SHUTDOWNS.name, write=False)
    assert {one.operation for one in acls.grants(Settings()) if one.role == "form"} == {"write", "describe"}
    assert refused(settings("form"), topic=NEWS.name, write=True)
    assert refused(settings("api"), topic=NEWS.name, write=False)
    assert refused(settings("api"), topic=SHUTDOWNS.name, write=True)
    with admin.connected(settings("reader")) as client:
        assert clock_ahead_s(client) is None
        assert broker_settings(client) == {"1": {}}
    with admin.connected(settings("worker")) as client:
        assert clock_ahead_s(client) is not None
        assert broker_settings(client)["1"]
    with pytest.raises(TopicsError):
        admin.create_topics(of(secured, "worker", certificate=certificate, prefix="other-"))


@pytest.fixture(scope="module")
def system(secured: Broker) -> str:
    """The prefix of a system beside the first, with rights of its own and a record in every topic."""
    prefix = made(secured, "rights-")
    rights.fill(of(secured, "admin", prefix=prefix))
    return prefix


def made(secured: Broker, prefix: str) -> str:
    """Make the topics and give the rights of a system, as its admin does; its prefix."""
    command(secured, "admin", "topics", "create", "--prefix", prefix, "--partitions", "1")
    command(secured, "admin", "topics", "acls", "--apply", "--prefix", prefix)
    until(
        lambda: _sees_topic(of(secured, "archivist", prefix=prefix), REPORTS),
        60,
        "the rights of the last role to count",
    )
    return prefix


def command(secured: Broker, role: str, *words: str) -> str:
    """What a command prints that a role gives."""
    environment = {CONFIG_VARIABLE: str(identities(secured).settings_file(role))}
    done = CliRunner(env=environment).invoke(shutdowns, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_the_table_says_what_each_role_is_for() -> None:
    assert {"admin", *rights.ALLOWED} == set(ROLES)
    assert {one.role for one in acls.grants(Settings())} == rights.ALLOWED.keys()
    for role, allowed in rights.ALLOWED.items():
        assert rights.granted(role) == allowed, role


@pytest.mark.parametrize("role", rights.ALLOWED)
def test_a_role_does_what_is_its_own_and_nothing_else(secured: Broker, system: str, role: str) -> None:
    settings = of(secured, role, prefix=system)
    assert rights.tried(settings) == rights.ALLOWED[role]
    assert rights.makes_or_deletes(settings) == []


def test_operators_and_archives_need_no_admin(secured: Broker, tmp_path: Path) -> None:
    system = made(secured, "daily-")

    def operator(*words: str) -> str:
        return command(secured, "operator", *words, "--prefix", system)

    refusals = [
        Invalid(
            id=f"{system}news/0/{number}", topic=f"{system}news", partition=0, offset=number, key=b"k",
            value=b"{", reason="not-json", detail="made up",
        )
        for number in (7, 8)
    ]  # fmt: skip
    with Publisher(of(secured, "worker", prefix=system)) as publisher:
        for one in refusals:
            publisher.send(INVALID, one.id, encode(one))
    assert "2 invalid records: 2 not-json" in operator("invalid")
    assert "made up" in operator("invalid", "show", refusals[0].id)
    assert operator("invalid", "retry", refusals[0].id) == "1 retried\n"
    assert operator("invalid", "drop", refusals[1].id) == "1 dropped\n"
    assert "0 invalid records" in operator("invalid", "list")
    assert [row.value for row in read_topic(of(secured, "worker", prefix=system), NEWS)] == [b"{"]
    assert "as it should be" in operator("topics", "describe")
    assert "correlate" in operator("lag", "--over", "0.1")
    assert "No source was polled yet" in operator("sources", "status")
    archived = command(secured, "archivist", "archive", str(tmp_path), "--once", "--prefix", system)
    assert "3 records in" in archived, "two refusals, and what was put back"
    assert "no faults" in command(secured, "archivist", "archive", "verify", str(tmp_path))


def test_the_servers_need_no_more_than_their_roles(
    secured: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt of this test alone")
    report = {"country": "KZ", "place": "Almaty", "start": "2021-02-28T14:00"}
    for command, role, ready in (("serve-reports", "form", "/healthz"), ("api", "api", "/readyz")):
        with serving(of(secured, role), tmp_path / role, command=command, ready=ready) as address:
            assert httpx.post(f"{address}/reports", json=report).status_code == 201


def test_who_has_the_forms_password_speaks_for_nobody_else(secured: Broker) -> None:
    system = made(secured, "speaking-")
    form, chief = of(secured, "form", prefix=system), of(secured, "admin", prefix=system)
    # A version before this one let it write to `reports`.
    with admin.connected(chief) as client:
        client.create_acls([acls._acl(one) for one in acls.retired(chief)])
    until(lambda: not refused(form, topic=system + REPORTS.name, write=True), 30, "the old right to count")
    acls.apply(chief)
    until(lambda: refused(form, topic=system + REPORTS.name, write=True), 30, "the old right to be gone")
    with Publisher(form) as publisher:
        for one in (*FORGED.values(), post(1)):
            publisher.send(FORM_REPORTS, one.id, encode(one))
    releaser = Releaser(of(secured, "releaser", prefix=system, release_every_s=0.0))
    releaser.run(lambda: releaser.health.rounds > 0)
    went_on = [row.value for row in read_topic(of(secured, "worker", prefix=system), REPORTS) if row.value != b"x"]
    assert [decode(REPORTS, value) for value in went_on] == [post(1)]
    refusals = [decode(INVALID, row.value) for row in read_topic(of(secured, "operator", prefix=system), INVALID)]
    assert [one.value for one in refusals] == [encode(one) for one in FORGED.values()]


def test_who_is_not_known_stays_outside(secured: Broker, tmp_path: Path) -> None:
    good = of(secured, "reader")
    strangers = [
        Settings(bootstrap=good.bootstrap),
        Settings(bootstrap=secured.tls_bootstrap, security="ssl", ssl_ca=good.ssl_ca),
        Settings.from_environment({**good.to_environment(), "SHUTDOWNS_SASL_PASSWORD": "guessed"}),
        Settings.from_environment({**good.to_environment(), "SHUTDOWNS_SSL_CA": str(_other_authority(tmp_path))}),
    ]
    for stranger in strangers:
        started = time.monotonic()
        with pytest.raises((KafkaUnreachableError, TopicsError, PublishError)):
            list(read_topic(stranger, SHUTDOWNS))
        assert time.monotonic() - started < 30


def _other_authority(folder: Path) -> Path:
    import trustme

    path = folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def test_secrets_lie_in_files_of_their_owner_alone(secured: Broker) -> None:
    folder = identities(secured).folder
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        if path.name != "ca.pem":
            assert path.stat().st_mode & 0o077 == 0, path
    assert "BEGIN" not in secured.storage.properties.read_text()
    for role in ROLES:
        assert identities(secured).password(role) not in secured.storage.properties.read_text()


def test_a_role_that_is_newer_than_the_folder_gets_a_password(tmp_path: Path) -> None:
    found = ensure(tmp_path, "127.0.0.1")
    before = found.password("reader")
    for name in ("operator.pem", "operator.password"):
        (tmp_path / name).unlink()
    assert ensure(tmp_path, "127.0.0.1") == found
    write_settings(found, "127.0.0.1", 9092, 9093)
    assert found.password("reader") == before
    assert found.password("operator") in found.settings_file("operator").read_text()
    assert not found.settings_file("operator", certificate=True).exists()


def test_it_comes_back_with_the_same_identities(secured: Broker) -> None:
    before = identities(secured).password("reader")
    secured.restart()
    assert identities(secured).password("reader") == before
    assert read_shutdowns(of(secured, "reader")) is not None


def test_the_table_is_shown_and_needs_no_kafka() -> None:
    done = CliRunner().invoke(shutdowns, ["topics", "acls", "--prefix", "x-"])
    assert done.exit_code == 0, done.output
    assert "x-shutdown-changes" in done.output
    assert "x-reader-*" in done.output
