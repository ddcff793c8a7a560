"""Asking a real provider about tokens."""

import asyncio
import base64
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from tests.test_servers import free_port
from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.security.bearer import BearerToken, open_bearer
from zconnect.security.oidc import OpenidConnectClient
from zconnect.values import Identity, Request

from .op import Op, good, op
from .support import NOW, assembly, request
from .test_bearer import REGISTRY
from .tokens import SECRET, tampered, token


def client(url: str, **changes: Any) -> OpenidConnectClient:
    """A client that has opaque tokens introspected."""
    settings: dict[str, Any] = {
        "id": "c1",
        "client_id": "rs",
        "client_secret": Password("rs-secret"),
        "inbound_propagation": "required",
        "issuer_identifier": "https://op.example",
        "validation_endpoint_url": url,
        "https_required": False,
    }
    return OpenidConnectClient(**{**settings, **changes})


def bearing(text: str, **changes: Any) -> Request:
    return request(headers=(("Authorization", f"Bearer {text}"),), **changes)


class Opened:
    """A client at work, and its provider."""

    def __init__(self, bearer: BearerToken, provider: Op) -> None:
        self.bearer = bearer
        self.op = provider

    async def ask(self, asked: Request | str) -> Identity | int:
        """An identity, or the status of a refusal."""
        try:
            return await self.bearer.identify(bearing(asked) if isinstance(asked, str) else asked)
        except Refused as refusal:
            return refusal.status

    async def reason(self, asked: Request | str) -> str:
        """The number of the reason of a refusal."""
        with pytest.raises(Refused) as caught:
            await self.bearer.identify(bearing(asked) if isinstance(asked, str) else asked)
        return caught.value.reason.partition(":")[0]


class Working:
    """A client with its provider, as a context."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes
        self._held = AsyncExitStack()

    async def __aenter__(self) -> Opened:
        provider = await self._held.enter_async_context(op())
        settings = client(provider.url, **self._changes)
        parts = await self._held.enter_async_context(assembly(REGISTRY, settings))
        return Opened(await open_bearer(settings, parts), provider)

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()


async def test_a_good_token_names_its_user() -> None:
    """Reference I01: user, realm and groups are the provider's; the secret goes in the form, and the answer is remembered."""
    async with Working() as at:
        at.op.says["a+b/c="] = good(groupIds=["g1"], scope="x")
        found = await at.ask("a+b/c=")

        assert isinstance(found, Identity)
        assert (found.access_id, list(found.groups), found.mechanism) == ("user:https://op.example/alice", ["g1"], "BEARER")
        assert found.claims["scope"] == "x"
        assert at.bearer.recall(bearing("a+b/c=")) == found
        assert await at.ask("a+b/c=") == found
        assert at.op.asked == [{"method": "POST", "authorization": "", "token": "a+b/c=", "client_id": "rs", "client_secret": "rs-secret"}]


async def test_the_secret_may_go_in_the_header_or_not_at_all() -> None:
    """Reference 7.1: basic is not URL-encoded, private_key_jwt sends neither."""
    basic = "Basic " + base64.b64encode(b"rs:rs-secret").decode()
    for method, wanted in (("basic", {"authorization": basic}), ("private_key_jwt", {"authorization": ""})):
        async with Working(token_endpoint_auth_method=method, client_id=" rs ") as at:
            await at.ask("x")
            assert at.op.asked == [{"method": "POST", "token": "x", **wanted}]


async def test_userinfo_is_asked_with_the_token() -> None:
    """Reference I14: what is said of a user holds as long as it is remembered."""
    async with Working(validation_method="userinfo", realm_name="R") as at:
        at.op.says["abc"] = {"sub": "alice"}
        found = await at.ask("abc")
        assert isinstance(found, Identity)
        assert (found.access_id, found.expires) == ("user:R/alice", NOW + 300)
        assert at.op.asked == [{"method": "GET", "authorization": "Bearer abc"}]
        assert await at.reason('abc"\x00') == "CWWKS1725E"
        assert len(at.op.asked) == 1


async def test_what_is_remembered_ends() -> None:
    """At exp and skew, and after accessTokenCacheTimeout (in Liberty later, recorded case 63); off means off."""
    async with Working(clock_skew=timedelta(0)) as at:
        at.op.says["a"] = good(exp=int(NOW) + 100)
        for second, asked in ((0, 1), (99, 1), (101, 2)):
            await at.ask(bearing("a", arrived=NOW + second))
            assert len(at.op.asked) == asked
    async with Working(access_token_cache_enabled=False) as at:
        at.op.says["a"] = good()
        assert [isinstance(await at.ask("a"), Identity) for _ in range(2)] == [True, True]
        assert len(at.op.asked) == 2


async def test_a_refusal_is_remembered_for_a_moment() -> None:
    """So that one bad token, sent again and again, drives no traffic; ours."""
    async with Working() as at:
        assert [await at.ask(bearing("bad", arrived=NOW + second)) for second in (0, 1, 9, 11)] == [401] * 4
        assert len(at.op.asked) == 2
        assert await at.reason(bearing("bad", arrived=NOW + 12)) == "CWWKS1720E"


async def test_requests_with_one_token_ask_once() -> None:
    """Fifty at a time, and none is refused for it."""
    async with Working(access_token_cache_enabled=False) as at:
        at.op.says["a"], at.op.pause = good(), 0.05
        found = await asyncio.gather(*(at.ask("a") for _ in range(50)))
        assert all(isinstance(each, Identity) for each in found)
        assert len(at.op.asked) == 1


async def test_strangers_drive_no_traffic() -> None:
    """A thousand random tokens of one address cost some fifty questions, and then 503; others go on, and he does after a while."""
    async with Working() as at:
        at.op.says["a"], at.op.says["b"] = good(), good()
        found = await asyncio.gather(*(at.ask(f"random{number}") for number in range(1000)))
        assert 50 <= len(at.op.asked) <= 70
        assert (found.count(401), found.count(503)) == (len(at.op.asked), 1000 - len(at.op.asked))
        assert await at.ask("a") == 503
        assert isinstance(await at.ask(bearing("b", address="192.0.2.1")), Identity)
        assert isinstance(await at.ask(bearing("a", arrived=NOW + 60)), Identity)


async def test_strangers_of_many_addresses_drive_no_traffic() -> None:
    """All together cost some five hundred questions; a token that is known is not touched by that."""
    async with Working() as at:
        at.op.says["a"] = good()
        await at.ask("a")
        for part in range(10):
            numbers = range(part * 100, part * 100 + 100)
            await asyncio.gather(*(at.ask(bearing(f"random{number}", address=f"192.0.{part}.{number % 100}")) for number in numbers))
        assert 500 <= len(at.op.asked) <= 530
        assert isinstance(await at.ask("a"), Identity)


async def test_good_tokens_cost_nothing() -> None:
    """A hundred new ones at once from one address, such as a proxy's."""
    async with Working() as at:
        at.op.says = {f"t{number}": good() for number in range(200)}
        found = await asyncio.gather(*(at.ask(f"t{number}") for number in range(200)))
        assert all(isinstance(each, Identity) for each in found)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_an_outage_is_not_the_tokens_fault(status: int) -> None:
    """503 with Retry-After (in Liberty 401), and what was good before goes on."""
    async with Working() as at:
        at.op.says["a"] = good()
        known = await at.ask("a")
        at.op.status = status
        with pytest.raises(Refused) as caught:
            await at.bearer.identify(bearing("b"))
        assert (caught.value.status, dict(caught.value.headers)[b"retry-after"]) == (503, b"5")
        assert await at.ask("a") == known
        at.op.status, at.op.says["b"] = 200, good()
        assert isinstance(await at.ask("b"), Identity)


async def test_who_brings_tokens_that_the_provider_stumbles_over_shuts_out_nobody() -> None:
    """They are charged to his address as bad ones are."""
    async with Working() as at:
        at.op.says["a"], at.op.status = good(), 500
        found = await asyncio.gather(*(at.ask(f"random{number}") for number in range(200)))
        assert found == [503] * 200
        assert 50 <= len(at.op.asked) <= 70
        at.op.status = 200
        assert isinstance(await at.ask(bearing("a", address="192.0.2.1")), Identity)


async def test_a_provider_that_is_down_comes_back() -> None:
    """Its port is closed at first; nothing has to be started anew."""
    port = free_port()
    settings = client(f"http://localhost:{port}/introspect")
    async with assembly(REGISTRY, settings) as parts:
        bearer = await open_bearer(settings, parts)
        with pytest.raises(Refused) as caught:
            await bearer.identify(bearing("a"))
        assert caught.value.status == 503
        async with op(port=port) as provider:
            provider.says["a"] = good()
            assert (await bearer.identify(bearing("a", arrived=NOW + 2))).user == "alice"


async def test_a_silent_provider_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is for the whole answer, and after it nobody is asked for a moment."""
    monkeypatch.setattr("zconnect.security.enquiry.DEADLINE", 0.3)
    monkeypatch.setattr("zconnect.security.enquiry._SLOW", 0.1)
    async with Working() as at:
        at.op.pause = 30
        assert await asyncio.gather(*(at.ask(f"t{number}") for number in range(100))) == [503] * 100
        assert len(at.op.asked) == 20
        at.op.pause, at.op.says["a"] = 0, good()
        assert await at.ask(bearing("a", address="192.0.2.1", arrived=NOW + 0.5)) == 503
        assert isinstance(await at.ask(bearing("a", address="192.0.2.1", arrived=NOW + 2)), Identity)


async def test_a_connection_that_ended_meanwhile_is_no_outage() -> None:
    """The provider closes each connection after its answer, without a word."""
    asked = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"active":false}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n") if len(asked) == 1 else None
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings = client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/i")
    async with assembly(REGISTRY, settings) as parts:
        at = Opened(await open_bearer(settings, parts), Op())
        assert [await at.ask(text) for text in ("a", "b")] == [401, 401]
    server.close()
    assert len(asked) == 2


# Recorded cases 60 and 65, and what the answer must not make of us.
@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ({"raw": b'{"active":true,"active":true}'}, "CWWKS1725E"),
        ({"raw": b"<html>"}, "CWWKS1725E"),
        ({"raw": b"[]"}, "CWWKS1725E"),
        ({"raw": b""}, "CWWKS1725E"),
        ({"raw": b"[" * 60000}, "CWWKS1725E"),
        ({"raw": b"{}", "kind": "text/html"}, "CWWKS1725E"),
        ({"raw": b'{"active":false}', "kind": "Application/JSON"}, "CWWKS1725E"),
        ({"raw": b'{"active":false}', "kind": "application/json; charset=utf-8"}, "CWWKS1720E"),
        ({"raw": b"{}", "kind": "application/jwt"}, "CWWKS1725E"),
        ({"raw": b"x" * 100_000}, "ZCON0453E"),
        ({"raw": b"{}", "status": 201}, "CWWKS1721E"),
        ({"status": 302, "fields": {"Location": "/elsewhere"}}, "CWWKS1721E"),
        ({"status": 401, "raw": b'{"error":"invalid_client"}'}, "CWWKS1723E"),
        ({"status": 400, "raw": b'{"error":"invalid_token"}'}, "CWWKS1720E"),
        ({"status": 400, "raw": b'{"error":"x\\n"}'}, "CWWKS1721E"),
        ({"status": 401, "fields": {"WWW-Authenticate": 'Bearer error="invalid_token"'}}, "CWWKS1720E"),
    ],
)
async def test_an_answer_that_says_nothing_good(answer: dict[str, Any], number: str) -> None:
    """The reason goes to the log, the caller is told nothing of it."""
    async with Working() as at:
        vars(at.op).update(answer)
        assert await at.reason("a") == number
        assert len(at.op.asked) == 1


async def test_a_signed_answer_must_be_signed_by_the_provider() -> None:
    """Reference 7.1: by signature only."""
    async with Working(client_secret=None, shared_key=Password(SECRET)) as at:
        at.op.kind, at.op.raw = "application/jwt", token(active=True, iat=int(NOW), exp=int(NOW) + 9).encode()
        found = await at.ask("a")
        assert isinstance(found, Identity)
        at.op.raw = tampered(at.op.raw.decode()).encode()
        assert await at.reason("b") == "CWWKS1725E"


@pytest.mark.parametrize("header", ["", "Authorization"])
async def test_only_access_tokens_leave_the_server(header: str) -> None:
    """In Liberty user and password travel to the provider as a token (recorded case 60 basic)."""
    async with Working(header_name=header) as at:
        for value in ("Basic YWxpY2U6YWxpY2Vwdw==", "opaque", "Digest x", "Bearer", "bearerx y"):
            assert await at.reason(request(headers=(("Authorization", value),))) == "ZCON0452E"
        assert await at.reason(bearing("x" * 20_000)) == "ZCON0310E"
        assert at.op.asked == []


async def test_http_needs_leave() -> None:
    """Reference I11: CWWKS1703E."""
    async with Working(https_required=True) as at:
        assert await at.reason("a") == "CWWKS1703E"
        assert at.op.asked == []


# Recorded case 65.
@pytest.mark.parametrize(
    ("remote", "text", "said", "user"),
    [
        ("none", token(), False, "alice"),
        ("none", token(exp=NOW - 4000), True, None),
        ("allow", token(), False, "alice"),
        ("allow", token(exp=NOW - 4000), True, "remote"),
        ("allow", tampered(token()), True, "remote"),
        ("allow", tampered(token()), False, None),
        ("require", token(), True, "remote"),
        ("require", token(), False, None),
        ("require", tampered(token()), True, "remote"),
    ],
)
async def test_json_web_tokens_may_be_asked_about(remote: str, text: str, said: bool, user: str | None) -> None:
    """As jwtAccessTokenRemoteValidation says."""
    async with Working(client_secret=Password(SECRET), jwt_access_token_remote_validation=remote) as at:
        if said:
            at.op.says[text] = good(sub="remote")
        found = await at.ask(text)
        assert (found.user if isinstance(found, Identity) else None) == user
        assert found == 401 or user


async def test_a_used_token_is_not_good_again_by_asking() -> None:
    """A jti that was used here is not looked up at the provider."""
    async with Working(client_secret=Password(SECRET), jwt_access_token_remote_validation="allow") as at:
        text = token(jti="j1")
        at.op.says[text] = good()
        assert isinstance(await at.ask(text), Identity)
        assert await at.reason(text) == "CWWKS1743E"
        assert at.op.asked == []


async def test_what_was_said_is_forgotten_at_command() -> None:
    """Good and bad; who comes after it does not wait for an earlier question either."""
    async with Working() as at:
        at.op.says["a"], at.op.pause = good(), 0.2
        earlier = asyncio.gather(at.ask("a"), at.ask("bad"))
        await asyncio.sleep(0.1)
        at.op.says = {"bad": good()}
        at.bearer.clear()
        found = await asyncio.gather(at.ask("a"), at.ask("bad"))
        assert [isinstance(each, Identity) for each in (await earlier + found)] == [True, False, False, True]
        assert len(at.op.asked) == 4
