"""Ports of this machine, and whether Kafka answers at one."""

from __future__ import annotations

import errno
import random
import socket
import ssl
import struct

from streams.kafka.errors import KafkaError, PortTaken

HOST = "127.0.0.1"

#: Below the ports that the system gives to outgoing connections: a client that reconnects to a stopped broker
#: there could otherwise be given the broker's own port, connect to itself and keep the broker from coming back.
_FREE_PORTS = range(20_000, 32_000)

_API_VERSIONS = 18
_CLIENT = b"shutdown-streams"


def free_port(*but: int) -> int:
    """A port at which nothing listens now, none of `but`.

    Raises:
        KafkaError: a hundred ports tried at random are all taken.
    """
    for port in random.sample(_FREE_PORTS, 100):
        if port not in but and is_free(port):
            return port
    raise KafkaError(f"found no free port from {_FREE_PORTS.start} to {_FREE_PORTS.stop - 1}; say one with --port.")


def is_free(port: int) -> bool:
    """Whether a server could listen at `port` of the loopback interface now."""
    try:
        _bind(port)
    except OSError:
        return False
    return True


def check_port(port: int) -> None:
    """Make sure that the broker can listen at `port`.

    Raises:
        PortTaken: something listens there.
        KafkaError: this user may not listen there.
    """
    try:
        _bind(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise port_taken(port) from error
        raise KafkaError(
            f"nothing can listen at {HOST}:{port}: {error.strerror}. Say another port above 1023 with --port."
        ) from error


def port_taken(port: int) -> PortTaken:
    """The error for a port that something else has."""
    what = "Another Kafka" if answers(port) else "Another program"
    return PortTaken(
        f"port {port} is taken: {what} listens at {HOST}:{port}. Stop it, say another port with --port "
        f"(0 takes a free one), or, if it is the Kafka you want, use it with --bootstrap {HOST}:{port}."
    )


def _bind(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        # As Java does: connections of a broker just stopped, which linger, don't count as taken.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, port))


def _connection(port: int, timeout_s: float, context: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection((HOST, port), timeout_s)
    if context is None:
        return plain
    try:
        return context.wrap_socket(plain, server_hostname=HOST)
    except OSError:
        plain.close()
        raise


def answers(port: int, timeout_s: float = 1.0, context: ssl.SSLContext | None = None) -> bool:
    """Whether a Kafka broker at `port` answers the first question of every client: which requests it knows.

    `context` is for a port that speaks TLS.
    """
    body = struct.pack(">hhih", _API_VERSIONS, 0, 1, len(_CLIENT)) + _CLIENT
    try:
        with _connection(port, timeout_s, context) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(struct.pack(">i", len(body)) + body)
            reply = b""
            while len(reply) < 10:
                part = connection.recv(10 - len(reply))
                if not part:
                    return False
                reply += part
    except OSError:
        return False
    _, correlation, error = struct.unpack(">iih", reply)
    return bool(correlation == 1 and error == 0)
