"""A server.xml, opened, and the door of a resource of it."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.config.vocabulary import place_at, write
from zconnect.config.load import load
from zconnect.errors import Refused
from zconnect.features import VOCABULARY
from zconnect.roles import Login, Protection
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.security.gate import open_gate
from zconnect.values import Identity

from .support import request

BASIC, CERTIFICATE = Login("BASIC"), Login("CLIENT-CERT")

ANYBODY = Protection(secure=False, roles=("**",), application="app", login=BASIC)


@asynccontextmanager
async def opened(folder: Path, documents: Mapping[str, str]) -> AsyncIterator[Any]:
    """The assembly of a server in which nothing is wrong."""
    write(folder, documents)
    place = place_at(folder)
    loaded = load(place, VOCABULARY, environment={}, command_line={})
    assert [str(problem) for problem in loaded.problems] == []
    async with assembled(loaded.configuration, place, Memory()) as runtime:
        yield runtime.assembly


def asked_for(role: str = "zosConnectAccess", application: str = "zos.connect.access.roles", login: Login = BASIC) -> Protection:
    return Protection(secure=False, roles=(role,), application=application, login=login)


def basic(user: str, password: str) -> dict[str, Any]:
    return {"headers": (("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()),)}


async def came(assembly: Any, protection: Protection, **asked: Any) -> Identity | int | None:
    """Who gets in, or the status."""
    try:
        return (await (await open_gate(protection, assembly)).admit(request(**asked)))[0]
    except Refused as refusal:
        return refusal.status
