"""No socket leads off this machine while tests run. `conftest.py` loads it, and Python itself in its subprocesses."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_LOOKED_UP = ("socket.getaddrinfo", "socket.gethostbyname")
_CONNECTED = ("socket.connect", "socket.sendto")


class NetworkClosed(OSError):
    """A test tried to reach another machine."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _LOOKED_UP:
        host = args[0]
    elif event in _CONNECTED and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not _is_this_machine(host):
        raise NetworkClosed(f"{event} to {host!r}: the network is closed in tests.")


def _is_this_machine(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(_refuse)
