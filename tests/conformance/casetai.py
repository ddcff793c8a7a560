"""The interceptor of the security corpus as a class of Python: does what the header X-Tai says; copied into a server as CaseTai.py."""

from collections.abc import Mapping

from zconnect.errors import Refused
from zconnect.roles import Store
from zconnect.values import Identity, Request


class CaseTai:
    """The property `prefix` is a word that the header must begin with, so that several can be told apart."""

    def __init__(self, properties: Mapping[str, str], store: Store) -> None:
        self.prefix = properties.get("prefix", "")

    async def identify(self, request: Request) -> Identity | str | None:
        """What the order says; None where there is none."""
        header = request.headers.get(b"x-tai")
        if header is None or not header.decode().startswith(self.prefix):
            return None
        word, *rest = header.decode().removeprefix(self.prefix).split()
        match word:
            case "user":
                return rest[0]
            case "subject":
                return Identity(rest[0], rest[1], rest[0], frozenset(rest[2:]))
            case "not-target" | "continue":
                return None
            case "status":
                raise Refused(int(rest[0]), "the order says so")
            case "challenge":
                raise Refused(401, "the order says so", headers=[(b"www-authenticate", b'Custom realm="tai"')])
            case "nouser":
                return ""
        raise RuntimeError(word)
