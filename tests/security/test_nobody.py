"""The registry of nobody."""

import pytest

from zconnect.messages import error
from zconnect.security.nobody import Nobody


async def test_it_knows_nobody_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is asked."""
    registry = Nobody(error("TEST0001E", "there is none", "add one")())
    assert [await registry.check_password("a", "b"), await registry.user("a"), await registry.group("a")] == [None] * 3
    assert await registry.groups_of("a") == frozenset()
    assert await registry.user_of_certificate(b"") is None
    assert caplog.text.count("TEST0001E: there is none") == 2
