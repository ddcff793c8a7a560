"""The attributes of a login at a provider."""

from zconnect.config.declarations import declarations
from zconnect.security.relyingparty import RelyingParty


def test_none_is_passed_over_in_silence() -> None:
    """Whatever logs nobody in says so."""
    assert [each.name for each in declarations(RelyingParty) if not each.about.unused and each.name != "id"] == []
