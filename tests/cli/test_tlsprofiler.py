"""securityUtility tlsProfiler."""

import pytest

from tests.cli.home import Home, free_port

SERVER = """<server>
  <featureManager><feature>transportSecurity-1.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="{port}"/>
  <keyStore id="defaultKeyStore" password="sesame-1"/>
</server>"""


@pytest.mark.parametrize("words", [(), ("--host=127.0.0.1",), ("--host=127.0.0.1", "--port=abc"), ("--host=127.0.0.1", "--port=1")])
def test_what_cannot_be_done(home: Home, words: tuple[str, ...]) -> None:
    """1, as recorded."""
    assert home.utility("tlsProfiler", *words).code == 1


def test_what_a_server_accepts(home: Home) -> None:
    """A row for each version and suite that works."""
    port = free_port()
    home.write("s1", SERVER.format(port=port))
    home.run("s1")
    done = home.utility("tlsProfiler", "--host=127.0.0.1", f"--port={port}", f"--file={home.folder / 't'}")
    assert done.code == 0
    assert "TLSv1_3" in done.out.replace("TLSv1.3", "TLSv1_3")
    assert (home.folder / "t").read_text() == done.out
