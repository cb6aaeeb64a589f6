"""Settings: which source counts, what is refused, and that secrets stay hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns
from streams.cli.settings import as_markdown
from streams.settings import CONFIG_VARIABLE, Settings, SettingsError, documented, load, shown

ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text('prefix = "file-"\nsession_timeout_s = 12\npartitions = 3\ndatadir = "state"\n')
    return path


def test_given_counts_before_environment_before_file_before_default(file: Path) -> None:
    environ = {CONFIG_VARIABLE: str(file), "SHUTDOWNS_PREFIX": "env-", "SHUTDOWNS_PARTITIONS": "5"}
    loaded = load(environ, partitions=7, prefix=None)
    settings = loaded.settings
    assert (settings.partitions, settings.prefix, settings.session_timeout_s) == (7, "env-", 12)
    assert settings.datadir == Path("state")
    assert settings.bootstrap == "127.0.0.1:9092"
    origins = loaded.origins
    assert (origins["partitions"], origins["prefix"]) == ("given", "SHUTDOWNS_PREFIX")
    assert (origins["session_timeout_s"], origins["bootstrap"]) == (str(file), "default")


def test_another_process_gets_the_same(file: Path) -> None:
    settings = load(
        {CONFIG_VARIABLE: str(file)}, security="sasl-ssl", sasl_username="w", sasl_password="s"
    ).settings
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prefix = ", "can't be read"),
        ('colour = "red"', "'colour', which is no setting"),
        ('partitions = "many"', "no number"),
        ("partitions = 2.5", "must be a int"),
        ("partitions = true", "must be a int"),
        ("prefix = 3", "must be a str"),
        ("session_timeout_s = 1", "6 to 300 seconds"),
        ('security = "none"', "plaintext, ssl, sasl-plaintext, sasl-ssl"),
        ('security = "sasl-ssl"', "sasl_username"),
        ('ssl_cert = "a.pem"', "ssl_key"),
    ],
)
def test_a_bad_file_is_refused_and_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load({CONFIG_VARIABLE: str(path)})


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        load({CONFIG_VARIABLE: "nowhere.toml"})


def test_secrets_come_from_files_and_are_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("open sesame\n")
    loaded = load({"SHUTDOWNS_SASL_PASSWORD_FILE": str(path)})
    assert loaded.settings.sasl_password == "open sesame"
    assert loaded.origins["sasl_password"] == "SHUTDOWNS_SASL_PASSWORD_FILE"
    assert "sesame" not in repr(loaded.settings)
    assert "sesame" not in str(shown(loaded.settings))
    with pytest.raises(SettingsError, match="SHUTDOWNS_SASL_PASSWORD_FILE names"):
        load({"SHUTDOWNS_SASL_PASSWORD_FILE": str(tmp_path / "none")})


def test_the_command_shows_what_is_in_force(file: Path) -> None:
    done = CliRunner(env={"SHUTDOWNS_SASL_PASSWORD": "open sesame", CONFIG_VARIABLE: None}).invoke(
        shutdowns, ["--config", str(file), "settings", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert '"value": "file-"' in done.output
    assert '"value": "(hidden)"' in done.output
    assert "sesame" not in done.output


def test_every_setting_is_documented() -> None:
    assert (ROOT / "docs" / "SETTINGS.md").read_text() == as_markdown()
    assert all(words for *_, words in documented())
