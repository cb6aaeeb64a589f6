"""Identities for a secured broker on one machine: an authority of its own, certificates, and passwords for roles.

Who connects to the first port proves itself by SASL/SCRAM over TLS, at the second by a certificate (mutual TLS).
The broker and its controller know each other by the broker's certificate. Everything lies in the broker's folder,
readable by its user alone; for each role there is a file of settings, for `shutdowns --config`.
"""

from __future__ import annotations

import json
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.kafka.errors import KafkaError

#: Who may connect; what each may do is in `streams.acls`.
ROLES = (
    "admin", "ingest", "curator", "releaser", "worker", "reader", "notifier", "api", "form", "operator", "archivist"
)  # fmt: skip

MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Identities:
    """What `ensure` made: the folder with certificates (`ca.pem`, `broker.pem`, `<role>.pem`) and passwords."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def certificate(self, who: str) -> Path:
        """Key and certificate of the broker or a role, in one file."""
        return self.folder / f"{who}.pem"

    def password(self, role: str) -> str:
        return (self.folder / f"{role}.password").read_text("utf-8").strip()

    def settings_file(self, role: str, *, certificate: bool = False) -> Path:
        """Settings with which that role connects: by password, or by certificate."""
        return self.folder / f"{role}{'-certificate' if certificate else ''}.toml"

    def client_context(self, role: str) -> ssl.SSLContext:
        """TLS as that role, with its certificate."""
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self.certificate(role))
        return context


def ensure(folder: Path, host: str) -> Identities:
    """The identities in `folder`; made if there are none yet.

    A role that is newer than the folder gets a password and no certificate: the authority's key is not kept.

    Raises:
        KafkaError: the package that makes certificates is not installed.
    """
    found = Identities(folder)
    if found.certificate("broker").exists():
        _give_passwords(found)
        return found
    try:
        import trustme
    except ImportError as error:
        raise KafkaError(
            "certificates can't be made: trustme is not installed. Run pip install 'shutdown-streams[kafka]'."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority = trustme.CA(organization_name="shutdown-streams on this machine")
    authority.cert_pem.write_to_path(str(found.authority))
    for role in ROLES:
        # Java takes no certificate whose list of alternative names is empty.
        issued = authority.issue_cert(f"{role}.shutdown-streams", common_name=role)
        _write(found.certificate(role), _key_and_chain(issued))
    _give_passwords(found)
    broker = authority.issue_cert(host, "localhost", common_name="broker")
    _write(found.certificate("broker"), _key_and_chain(broker))
    return found


def _give_passwords(identities: Identities) -> None:
    for role in ROLES:
        path = identities.folder / f"{role}.password"
        if not path.exists():
            _write(path, secrets.token_urlsafe(24).encode())


def _key_and_chain(issued: Any) -> bytes:
    """One PEM file's content. Java wants the key in PKCS 8."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded + b"".join(one.bytes() for one in issued.cert_chain_pems)


def write_settings(identities: Identities, host: str, port: int, tls_port: int) -> None:
    """Write the files of settings of each role."""
    for role in ROLES:
        by_password = {
            "bootstrap": f"{host}:{port}",
            "security": "sasl-ssl",
            "sasl_mechanism": MECHANISM,
            "sasl_username": role,
            "sasl_password": identities.password(role),
            "ssl_ca": str(identities.authority),
        }
        _write(identities.settings_file(role), _toml(by_password))
        if not identities.certificate(role).exists():
            continue
        by_certificate = {
            "bootstrap": f"{host}:{tls_port}",
            "security": "ssl",
            "ssl_ca": str(identities.authority),
            "ssl_cert": str(identities.certificate(role)),
            "ssl_key": str(identities.certificate(role)),
        }
        _write(identities.settings_file(role, certificate=True), _toml(by_certificate))


def _toml(settings: Mapping[str, str]) -> bytes:
    # JSON's strings are strings of TOML too.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()).encode()


def properties(identities: Identities, host: str, port: int, tls_port: int, controller: int) -> dict[str, str]:
    """The broker's settings for all that. Paths are relative to the broker's folder, in which it runs."""
    folder = identities.folder.name
    return {
        "listeners": f"SASL_SSL://{host}:{port},SSL://{host}:{tls_port},CONTROLLER://{host}:{controller}",
        "advertised.listeners": f"SASL_SSL://{host}:{port},SSL://{host}:{tls_port}",
        "listener.security.protocol.map": "CONTROLLER:SSL,SASL_SSL:SASL_SSL,SSL:SSL",
        "inter.broker.listener.name": "SSL",
        "sasl.enabled.mechanisms": MECHANISM,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": f"{folder}/broker.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": f"{folder}/ca.pem",
        "listener.name.ssl.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^(?:.*,)?CN=([a-z]+)(?:,.*)?$/$1/,DEFAULT",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:broker;User:admin",
        "allow.everyone.if.no.acl.found": "false",
    }


def create_users(identities: Identities, tls_address: str) -> None:
    """Give every role its password, as the admin, who is known by its certificate.

    Raises:
        KafkaError: Kafka refused.
    """
    from kafka import KafkaAdminClient
    from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
    from kafka.errors import KafkaError as Refused

    mechanism = ScramMechanism.SCRAM_SHA_512
    users = [UserScramCredentialUpsertion(role, mechanism, identities.password(role)) for role in ROLES]
    try:
        client = KafkaAdminClient(
            bootstrap_servers=[tls_address], security_protocol="SSL", ssl_context=identities.client_context("admin")
        )
        try:
            client.alter_user_scram_credentials(users)
        finally:
            client.close()
    except Refused as error:
        raise KafkaError(f"the broker did not take the passwords of its users: {error}") from error


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(content)
