"""`--proxy` of the servers: a misspelt one would make all clients one, and nobody would be told."""

from __future__ import annotations

import click
import pytest

from tests.commands import parse


@pytest.mark.parametrize("command", ["api", "serve-reports"])
@pytest.mark.parametrize("proxies", ["", "10.0.0.7", "10.244.0.0/16", "10.0.0.7, fd00::/8", "::1"])
def test_addresses_and_networks_are_taken(command: str, proxies: str) -> None:
    parse([command, "--proxy", proxies])


@pytest.mark.parametrize("command", ["api", "serve-reports"])
@pytest.mark.parametrize(
    ("proxies", "words"),
    [
        ("10.244.0.1/16", "10.244.0.1/16 has host bits set"),
        ("10.244.0.0/33", "'10.244.0.0/33' does not appear to be an IPv4 or IPv6 network"),
        ("ingress.example", "'ingress.example' does not appear"),
        ("$(INGRESS_NETWORK)", "does not appear"),
        ("10.0.0.7,", "'' does not appear"),
        ("*", "'*' does not appear"),
        ("10.0.0.7,*", "'*' does not appear"),
    ],
)
def test_what_no_client_could_have_is_refused(command: str, proxies: str, words: str) -> None:
    with pytest.raises(click.BadParameter, match="Give 10") as error:
        parse([command, "--proxy", proxies])
    assert words in error.value.message


@pytest.mark.parametrize("proxies", ["0.0.0.0/0", "::/0", "10.0.0.7,0.0.0.0/0"])
def test_not_everybody_is_a_proxy(proxies: str) -> None:
    with pytest.raises(click.BadParameter, match="everybody could say"):
        parse(["api", "--proxy", proxies])
