"""How a provider is reached."""

from pathlib import Path
from typing import Any

import pytest

from tests.trust.support import written_trust
from tests.trust.test_tls import CA, ELSEWHERE, OTHER_CA, SERVER, store, tls
from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.security.bearer import open_bearer
from zconnect.trust.entries import KeyEntry
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

from .op import good, op
from .support import assembly
from .test_enquiry import bearing, client


@pytest.mark.parametrize(
    ("server", "authority", "changes", "status"),
    [
        (SERVER, CA, {}, 200),
        (SERVER, OTHER_CA, {}, 503),
        (SERVER, OTHER_CA, {"host_name_verification_enabled": False}, 503),
        (ELSEWHERE, CA, {}, 503),
        (ELSEWHERE, CA, {"host_name_verification_enabled": False}, 200),
    ],
)
async def test_the_provider_must_be_trusted(
    tmp_path: Path, server: KeyEntry, authority: KeyEntry, changes: dict[str, Any], status: int
) -> None:
    """By chain and host name, as sslRef and hostNameVerificationEnabled say; else it is never shown secret or token."""
    trust = tmp_path / "trust.p12"
    trust.write_bytes(written_trust([("ca", authority.certificate)], "changeit"))
    keys = KeyStore(id="trust", location=str(trust), password=Password("changeit"))
    async with op(tls(store(server)).server_context()) as provider:
        provider.says["a"] = good()
        settings = client(provider.url, ssl=Ssl(id="out", trust_store=keys), https_required=True, **changes)
        async with assembly(settings) as parts:
            bearer = await open_bearer(settings, parts)
            try:
                found = 200 if (await bearer.identify(bearing("a"))).user else 0
            except Refused as refusal:
                found = refusal.status
        assert (found, len(provider.asked)) == (status, int(status == 200))
