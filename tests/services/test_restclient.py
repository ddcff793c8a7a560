"""From the elements of a REST back end to the calls it gets."""

import asyncio
import json
import ssl
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.services.certificates import self_signed
from tests.services.conftest import Assemble, asking, body_of
from tests.services.test_backend import serving
from zconnect.config.passwords import Password, encode_hash
from zconnect.errors import ConfigurationError, Unavailable
from zconnect.roles import ProviderPart
from zconnect.services.restclient import RestClient, RestClientBasicAuth, RestClientConnection
from zconnect.services.service import ZosConnectService
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

HOUSE = RestClientConnection(id="c", host="stock.example", port=8080, context_root="/v1")


def client(**given: Any) -> RestClient:
    return RestClient(id="r", **given)


def service(provider: ProviderPart, *uris: str) -> ZosConnectService:
    return ZosConnectService(id="stock", service=provider, invoke_uri=uris or ("/stock/*",))


async def said(request: web.Request) -> web.Response:
    return web.json_response([request.method, request.raw_path, request.headers.get("Authorization"), request.headers.get("Cookie")])


@pytest.mark.parametrize(
    ("element", "url"),
    [
        (client(host="h"), "http://h/"),
        (client(host="h", port=8080, uri="/a/b"), "http://h:8080/a/b"),
        (client(host="https://h/", port=443, context_root="/x/", uri="y"), "https://h/x/y"),
        (client(host="HTTP://h", uri="/a b/%20ä"), "http://h/a%20b/%20%C3%A4"),
        (client(host="[::1]", port=81), "http://[::1]:81/"),
        (client(connection=HOUSE, uri="/items"), "http://stock.example:8080/v1/items"),
        (client(connection=HOUSE, host="other", uri="/items"), "http://other:8080/v1/items"),
    ],
)
def test_the_address_is_made_of_its_parts(element: RestClient, url: str) -> None:
    """The connection gives what the client does not say."""
    assert element.url == url


@pytest.mark.parametrize(
    "element",
    [client(), client(host="u:p@h"), client(host="h/x?y=1"), client(host="h", uri="/x#y"), client(host="h:port")],
    ids=["no-host", "user", "query", "fragment", "port"],
)
def test_an_address_that_is_none_stops_the_start(element: RestClient) -> None:
    """With the number of a message."""
    with pytest.raises(ConfigurationError, match=r"ZCON065[12]E"):
        _ = element.url


@pytest.mark.parametrize(
    "basic",
    [
        RestClientBasicAuth(id="b"),
        RestClientBasicAuth(id="b", user_name="u", appl_name="A"),
        RestClientBasicAuth(id="b", user_name="u:v", password=Password("p")),
        RestClientBasicAuth(id="b", user_name="u", password=Password(encode_hash("p"))),
    ],
    ids=["empty", "passticket", "colon", "hashed"],
)
async def test_credentials_that_cannot_be_sent_stop_the_start(assemble: Assemble, basic: RestClientBasicAuth) -> None:
    """Rather than to call the back end without them."""
    with pytest.raises(Unavailable, match="ZCON0653E"):
        await assemble(service(client(host="h", basic_auth=basic)))


async def test_the_back_end_gets_our_identity_and_never_the_callers(assemble: Assemble) -> None:
    """Unless forwardHeaders names it."""
    basic = RestClientBasicAuth(id="b", user_name="zconnect", password=Password("{xor}LDo8LTor"))
    own = "Basic " + b64encode(b"zconnect:secret").decode()
    async with serving(said) as url:
        runtime = await assemble(
            ZosConnectService(id="a", service=client(host=url, basic_auth=basic), invoke_uri=("/a",)),
            ZosConnectService(id="b", service=client(host=url), invoke_uri=("/b",)),
            ZosConnectService(id="c", service=client(host=url, forward_headers=("Authorization",)), invoke_uri=("/c",)),
        )
        got = [
            json.loads(await body_of(await runtime.handle(asking(path, authorization="Bearer x", cookie="y=z"))))
            for path in ("/a", "/b", "/c")
        ]
    assert [(each[2], each[3]) for each in got] == [(own, None), (None, None), ("Bearer x", None)]


async def test_the_rest_of_the_path_and_the_query_follow_the_uri(assemble: Assemble) -> None:
    """Below a wildcard; an exact path has no rest."""
    async with serving(said) as url:
        runtime = await assemble(service(client(host=url, uri="/v1"), "/stock/*", "/single"))
        got = [
            json.loads(await body_of(await runtime.handle(asking(*each))))
            for each in (("/stock/a/b", "x=1"), ("/stock",), ("/single", "y"))
        ]
    assert [each[1] for each in got] == ["/v1/a/b?x=1", "/v1", "/v1?y"]


async def test_a_way_out_of_the_uri_is_refused(assemble: Assemble) -> None:
    """400 with the number of the message."""
    runtime = await assemble(service(client(host="127.0.0.1", port=1)))
    assert (await runtime.handle(asking("/stock/..;/admin"))).status == 400


async def test_a_limit_of_time_may_come_from_the_connection(assemble: Assemble) -> None:
    """receiveTimeout."""

    async def never(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        raise AssertionError

    async with serving(never) as url:
        short = RestClientConnection(id="c", host=url, receive_timeout=timedelta(milliseconds=50))
        runtime = await assemble(service(client(connection=short)))
        response = await runtime.handle(asking("/stock"))
    assert (response.status, await body_of(response)) == (504, b'{"errorMessage": "ZCON0643E: Gateway Timeout"}')


def test_only_credentials_are_named_to_be_forwarded() -> None:
    """All else passes anyway, or never."""
    check = RestClient.__dataclass_fields__["forward_headers"].metadata["zconnect"].check
    check("authorization")
    check("Cookie")
    with pytest.raises(ValueError, match="X-Mine"):
        check("X-Mine")


@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_settings_come_from_ssl_certs(assemble: Assemble, tmp_path: Path, trusted: bool) -> None:
    """sslCertsRef makes the scheme https; only whom its trust store holds is called."""
    chain = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        stores = Ssl(id="s", key_store=KeyStore(id="k", location=str(chain))) if trusted else Ssl(id="s")
        runtime = await assemble(service(client(host="127.0.0.1", port=port, ssl_certs=stores)))
        response = await runtime.handle(asking("/stock"))
    assert response.status == (200 if trusted else 502)


async def test_without_tls_settings_the_machines_own_trust_counts(assemble: Assemble) -> None:
    """No element speaks of TLS, and the host says https."""
    runtime = await assemble(service(client(host="https://127.0.0.1", port=1)))
    assert (await runtime.handle(asking("/stock"))).status == 503
