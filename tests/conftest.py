"""What holds for every test: the network is a closed door, and the environment says nothing.

Helpers that a test asks for by name stand in modules of their own: `server`, `reviews`, `wire` …
"""

from __future__ import annotations

import ipaddress
import os
import socket

import hypothesis
import pytest

hypothesis.settings.register_profile("here", deadline=None, max_examples=60)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=60, derandomize=True, database=None, print_blob=True
)
hypothesis.settings.register_profile(
    "deep",
    deadline=None,
    max_examples=10_000,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

_SPEAKS_TO_US = ("HARVEST_", "NCBI_")
_COLOURS = ("FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "PY_COLORS")


@pytest.fixture(autouse=True, scope="session")
def quiet_environment():
    """No setting and no key of the person who runs the tests; no colour."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(_SPEAKS_TO_US)]:
            patch.delenv(name)
        for name in _COLOURS:
            patch.delenv(name, raising=False)
        patch.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(autouse=True, scope="session")
def closed_door():
    """Nobody outside of this computer is spoken to: a test that tries fails and says with whom."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _only_names_of_here(socket.getaddrinfo))
        yield


def _only_here(speak):
    def guarded(self, *args):
        address = args[-1]
        if isinstance(address, tuple) and not _is_here(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}; the network is a closed door")
        return speak(self, *args)

    return guarded


def _only_names_of_here(look_up):
    def guarded(host, *args, **kwargs):
        if host and not _is_here(host if isinstance(host, str) else host.decode()):
            raise AssertionError(f"a test tried to look up {host}; the network is a closed door")
        return look_up(host, *args, **kwargs)

    return guarded


def _is_here(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
