"""No test reaches another machine, nor does a process that a test starts."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

ELSEWHERE = "192.0.2.1"
"""An address kept for documentation: no machine has it."""


def test_connecting_elsewhere_is_refused() -> None:
    with socket.socket() as outward, pytest.raises(OSError, match="the network is closed in tests"):
        outward.connect((ELSEWHERE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as outward, pytest.raises(OSError, match="the network is closed"):
        outward.sendto(b"x", (ELSEWHERE, 53))


def test_names_are_not_looked_up() -> None:
    with pytest.raises(OSError, match=r"getaddrinfo to 'example\.org'"):
        socket.create_connection(("example.org", 443))


def test_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_process_that_a_test_starts_is_closed_in_too(environment: dict[str, str]) -> None:
    script = f"import socket; socket.create_connection(({ELSEWHERE!r}, 80), timeout=1)"
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert "NetworkClosed: " in ran.stderr
