"""Fields that claim who the caller is are told apart from the rest."""

from zconnect.server.claims import PRIVATE, parted


def test_claims_are_taken_out_in_their_order() -> None:
    """Also where one comes twice; similar names are others."""
    plain = [(b"host", b"a"), (b"x-client-cert", b"b"), (b"$wsxx", b"c")]
    claims = [(b"$wscc", b"1"), (b"client-cert", b"2"), (b"client-cert", b"3"), (b"x-forwarded-client-cert", b"4")]
    assert parted([plain[0], *claims[:2], plain[1], *claims[2:], plain[2]]) == (plain, claims)


def test_the_names_are_in_lower_case() -> None:
    """As the edge writes them."""
    assert all(name == name.lower() for name in PRIVATE)
