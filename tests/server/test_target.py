"""Every way of writing a path leads to one path, or to a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zconnect.errors import Refused
from zconnect.server.target import Target, normal, read_authority, read_target

# Origin: RFC 3986 section 5.2.4 and the case paths.toml of the recorded server, which passes on what is refused here.
NORMAL = {
    b"/": "/",
    b"/a/b": "/a/b",
    b"/a/b/": "/a/b/",
    b"/a%20b": "/a b",
    b"/a+b": "/a+b",
    b"/%65cho/x": "/echo/x",
    b"/a%25b": "/a%b",
    b"/a%252Fb": "/a%2Fb",
    b"/a%C3%A9": "/aé",
    b"/%E2%82%AC": "/€",
    b"/a/../b": "/b",
    b"/a/./b": "/a/b",
    b"/a/%2e%2e/b": "/b",
    b"/a/%2E./b": "/b",
    b"/%2e/b": "/b",
    b"/a/..": "/",
    b"/a/b/..": "/a/",
    b"/a/.": "/a/",
    b"/../../a": "/a",
    b"/..": "/",
    b"/...": "/...",
    b"/.well-known/x": "/.well-known/x",
    b"/a/.b": "/a/.b",
    b"//a": "/a",
    b"/a//b": "/a/b",
    b"/a//": "/a/",
    b"///": "/",
    b"/a;b=1/c": "/a/c",
    b"/a;jsessionid=1": "/a",
    b"/a/..;/b": "/b",
    b"/a/..;x=1/b": "/b",
    b"/;/a": "/a",
    b"/a%3Bb": "/a;b",
    b"/a*b": "/a*b",
    b"/a|b<c>": "/a|b<c>",
}
REFUSED = (
    b"/a%2Fb",
    b"/a%2fb",
    b"/..%2fa",
    b"/a%5Cb",
    b"/a\\b",
    b"/a%00b",
    b"/a%0d%0aX:1",
    b"/a%09b",
    b"/a%7f",
    b"/a%zz",
    b"/a%",
    b"/a%2",
    b"/a%E9",
    b"/a%C0%AF",
    b"/%C0%AE%C0%AE/a",
    b"/a%ED%A0%80",
    b"/a\xe9",
    b"/a\xc3\xa9",
    b"/a b",
    b"/a#b",
    b"/a\x01b",
)


@pytest.mark.parametrize(("raw", "path"), NORMAL.items())
def test_a_path_has_one_form(raw: bytes, path: str) -> None:
    """Decoded once, without parameters, dot segments and empty segments."""
    assert read_target(raw, "GET", "http") == Target(path, "")
    assert normal(raw) == path


@pytest.mark.parametrize("raw", REFUSED)
def test_what_would_mean_something_else_further_on_is_refused(raw: bytes) -> None:
    """Encoded slashes, backslashes, control characters, broken escapes and what is no UTF-8."""
    with pytest.raises(Refused) as refused:
        read_target(raw, "GET", "http")
    assert refused.value.status == 400
    assert refused.value.reason.startswith("ZCON0803W")


@given(st.lists(st.sampled_from(["a", "b", ".", "..", "", "%2e", "%2E%2e", ";x", "..;y", "a;z", "%41", "a%20b"]), max_size=8))
def test_a_path_is_normal_after_once(segments: list[str]) -> None:
    """Nothing of what is left would be resolved a second time: no dot segments, no empty ones."""
    path = normal(("/" + "/".join(segments)).encode())
    assert path.startswith("/")
    assert not {".", ".."} & set(path.split("/"))
    assert "//" not in path


@given(st.binary(max_size=40))
def test_any_bytes_are_a_path_or_a_refusal(raw: bytes) -> None:
    """No other exception, and never a path with a backslash or a control character."""
    try:
        target = read_target(b"/" + raw, "GET", "http")
    except Refused:
        return
    assert not any(ord(character) < 32 or character in "\\\x7f" for character in target.path)


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (b"/a?b=c", Target("/a", "b=c")),
        (b"/a?", Target("/a", "")),
        (b"/a??", Target("/a", "?")),
        (b"/a?b=../%zz%00", Target("/a", "b=../%zz%00")),
        (b"http://other.test:1/a?b", Target("/a", "b", "other.test:1")),
        (b"HTTP://Other.Test/a", Target("/a", "", "Other.Test")),
        (b"http://other.test", Target("/", "", "other.test")),
        (b"http://other.test?x=1", Target("/", "x=1", "other.test")),
    ],
)
def test_forms_of_targets(raw: bytes, target: Target) -> None:
    """Origin form and absolute form (RFC 9112 section 3.2); the query stays as it was sent."""
    assert read_target(raw, "GET", "http") == target


def test_the_asterisk_is_for_options_only() -> None:
    """RFC 9112 section 3.2.4."""
    assert read_target(b"*", "OPTIONS", "http").path == "*"
    with pytest.raises(Refused):
        read_target(b"*", "GET", "http")


@pytest.mark.parametrize(
    "raw", [b"a", b"", b"?a", b"other:80", b"http:///a", b"ftp://a/", b"https://a/", b"http://u@a/", b"/a?b\xe9", b"/a?b c"]
)
def test_other_targets_are_refused(raw: bytes) -> None:
    """Neither a path nor an address of this scheme."""
    with pytest.raises(Refused):
        read_target(raw, "GET", "http")


@pytest.mark.parametrize("raw", [b"a", b"a.b-c_d:80", b"127.0.0.1:9080", b"[::1]", b"[2001:db8::1]:443"])
def test_authorities(raw: bytes) -> None:
    """Names and addresses with an optional port."""
    assert read_authority(raw) == raw.decode()


@pytest.mark.parametrize("raw", [b"", b"a b", b"a/b", b"a:b", b"a:", b"a:123456", b"a,b", b"u@a", b"::1", b"[a", b"a\xe9", b"a%20b", b'a"'])
def test_other_authorities_are_refused(raw: bytes) -> None:
    """What would end up in a redirect or a log."""
    with pytest.raises(Refused):
        read_authority(raw)
