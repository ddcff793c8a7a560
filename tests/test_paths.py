"""One path for everybody: filters, guards, the audit record and the application see the same, however it is written."""

import json
import socket
import time

import jwt
import pytest

from tests.cli.home import Home, free_port, home

__all__ = ["home"]

SECRET = "a-secret-of-32-bytes-or-some-more"
SERVER = """<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature><feature>appSecurity-2.0</feature><feature>openidConnectClient-1.0</feature>
  </featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/>
  <authFilter id="admin"><requestUrl urlPattern="/talk/admin" matchType="contains"/></authFilter>
  <openidConnectClient id="strict" inboundPropagation="required" signatureAlgorithm="HS256" sharedKey="{secret}" issuerIdentifier="i"
      audiences="admin" authFilterRef="admin"/>
  <openidConnectClient id="all" inboundPropagation="required" signatureAlgorithm="HS256" sharedKey="{secret}" issuerIdentifier="i"
      audiences="people,admin"/>
  <authorization-roles id="zos.connect.access.roles">
    <security-role name="zosConnectAccess"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role>
  </authorization-roles>
  <zosconnect_zosConnectManager requireAuth="true" requireSecure="false" globalInterceptorsRef="guards"/>
  <zosconnect_zosConnectInterceptors id="guards" interceptorRef="audit"/>
  <zosconnect_auditInterceptor id="audit"/>
  <webApplication id="talk" location="talk:app" contextRoot="/talk"/>
</server>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})
"""
# How a path is written, and what it is; None where it is refused.
WAYS = {
    b"/talk/x": "/talk/x",
    b"/talk/admin/x": "/talk/admin/x",
    b"/talk/%61dmin/x": "/talk/admin/x",
    b"/%74%61lk/admin/x": "/talk/admin/x",
    b"/talk//admin/x": "/talk/admin/x",
    b"//talk/admin/x": "/talk/admin/x",
    b"/talk/./admin/x": "/talk/admin/x",
    b"/talk/%2e/admin/x": "/talk/admin/x",
    b"/talk/y/../admin/x": "/talk/admin/x",
    b"/talk/y/%2E%2e/admin/x": "/talk/admin/x",
    b"/talk/..;/talk/admin/x": "/talk/admin/x",
    b"/talk;v=1/admin;v=2/x": "/talk/admin/x",
    b"http://localhost/talk/admin/x": "/talk/admin/x",
    b"http://elsewhere.example/talk/admin/x": None,
    b"/talk/admin/../x": "/talk/x",
    b"/talk/x?/talk/admin": "/talk/x",
    b"/talk/x?y=/../admin": "/talk/x",
    b"/talk/ADMIN/x": "/talk/ADMIN/x",
    b"/talk/%2561dmin/x": "/talk/%61dmin/x",
    b"/talk%2Fadmin/x": None,
    b"/talk/admin%2fx": None,
    b"/talk/%5Cadmin/x": None,
    b"/talk/\\admin/x": None,
    b"/talk/%C0%AE/admin/x": None,
    b"/talk/admin%00/x": None,
    b"/talk/x#/admin": None,
}


@pytest.fixture
def port(home: Home) -> int:
    port = free_port()
    home.write("s1", APPLICATION, "apps/talk.py")
    home.write("s1", SERVER.format(port=port, secret=SECRET))
    home.run("s1")
    return port


def asked(port: int, target: bytes, audience: str) -> tuple[int, str]:
    """Status and body of an answer."""
    claims = {"iss": "i", "aud": audience, "sub": "anne", "iat": int(time.time()), "exp": int(time.time()) + 600}
    token = jwt.encode(claims, SECRET, "HS256").encode()
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\nConnection: close\r\n\r\n" % (target, token))
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def test_everybody_sees_one_path(home: Home, port: int) -> None:
    """Who may not see what is below /talk/admin does not come there by another spelling; who may comes by all of them."""
    for target, path in WAYS.items():
        guarded = path is not None and path.startswith("/talk/admin")
        status, body = asked(port, target, "people")
        assert status == (400 if path is None else 401 if guarded else 200), target
        assert body == path or status != 200, target
        status, body = asked(port, target, "admin")
        assert (status, body) == (200, path) if path else status == 400, target

    records = [json.loads(line) for line in home.log("s1", "audit.log").splitlines()]
    assert [record["uri"] for record in records if record["status"] != 400] == [path for path in WAYS.values() if path for _ in range(2)]
