"""What a server has that nobody wrote."""

from pathlib import Path

from tests.config.vocabulary import place_at, write
from zconnect.config.configuration import Configuration
from zconnect.config.effective import Asked
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.server.endpoint import HttpEndpoint, SslOptions
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.implied import Implied
from zconnect.services.webapplication import WebApplication, WebExt
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl, SslDefault


def implied(folder: Path, body: str) -> tuple[Implied, tuple[HttpEndpoint, ...]]:
    """What a document implies, and its endpoints."""
    place = place_at(write(folder, {"server.xml": f"<server>{body}</server>"}))
    configuration = load(place, VOCABULARY, environment={}, command_line={}).configuration
    return Implied(configuration, place), configuration.all(HttpEndpoint)


def test_endpoints_use_elements_that_nobody_wrote(tmp_path: Path) -> None:
    """And the ports of the default endpoint."""
    found, (endpoint,) = implied(tmp_path, "")
    in_use = found.in_use(endpoint)

    assert {f"{each.tag}[{each.id}]" for each in found.elements} >= {"httpOptions[defaultHttpOptions]", "keyStore[defaultKeyStore]"}
    assert (in_use["http_port"], in_use["https_port"]) == (9080, 9443)
    assert in_use["http_options"] in found.elements


def test_what_is_written_is_not_implied(tmp_path: Path) -> None:
    """Another endpoint has no port unless it is written."""
    body = '<httpOptions id="defaultHttpOptions" keepAliveEnabled="false"/><httpEndpoint id="e" httpPort="1"/>'
    found, (endpoint, _) = implied(tmp_path, body)
    in_use = found.in_use(endpoint)

    assert not [each for each in found.elements if isinstance(each, HttpOptions)]
    assert in_use["http_options"].keep_alive_enabled is False
    assert (in_use["http_port"], in_use.get("https_port")) == (1, None)


def test_tls_leads_to_the_default_key_store(tmp_path: Path) -> None:
    """In its place."""
    found, _ = implied(tmp_path, "")
    (store,) = (each for each in found.elements if isinstance(each, KeyStore))
    (tls,) = (each for each in found.elements if isinstance(each, Ssl))

    assert found.in_use(SslDefault())["ssl"] is tls
    assert found.in_use(tls)["key_store"] is store
    assert found.in_use(store)["location"] == f"{tmp_path}/resources/security/key.p12"
    assert found.in_use(tls)["trust_store"] is store
    assert found.in_use(Ssl(id="other", key_store=(other := KeyStore(id="other")))) == {"key_store": other, "trust_store": other}
    assert found.in_use(SslOptions())["ssl"] is tls
    assert found.in_use(KeyStore(id="defaultKeyStore", type="JCERACFKS"))["location"] == ""
    assert found.in_use(store)["password"] == Asked("env.keystore_password")
    assert found.in_use(KeyStore(id="other")) == {}


def test_an_application_is_called_after_its_module(tmp_path: Path) -> None:
    """And answers below its name, or where its extension says."""
    plain = WebApplication(id="a", location="shop.war:main")
    placed = WebApplication(id="b", location="shop.war", web_exts=(WebExt(id="e", context_root="till/"),))
    found = Implied(Configuration((plain, placed)), place_at(tmp_path))

    assert found.in_use(plain) == {"name": "shop", "context_root": "/shop"}
    assert found.in_use(placed)["context_root"] == "/till"
