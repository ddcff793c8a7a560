"""certificateFilter."""

import pytest
from cryptography import x509

from zconnect.security.ldapcertificate import filled, unknown_variables
from zconnect.security.ldapnames import escaped

from .test_certificate import certificate

LEAF = x509.load_der_x509_certificate(certificate(("O", "x"), ("OU", "a*b"), ("OU", "c"), ("CN", "al(i)ce")))


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("uid=${SubjectCN}", "(uid=al\\28i\\29ce)"),
        ("(&(uid=${SubjectCN})(o=${IssuerO}))", "(&(uid=al\\28i\\29ce)(o=x))"),
        ("seeAlso=${SubjectDN}", "(seeAlso=CN=al\\28i\\29ce,OU=c,OU=a\\2ab,O=x)"),
        ("serial=${SerialNumber}", "(serial=NUMBER)"),
        ("ou=${SubjectOU}", None),  # two of them: which one is meant is not for the caller to say
        ("mail=${SubjectEMAIL}", None),
        ("(uid=alice)", "(uid=alice)"),
    ],
)
def test_values_of_a_certificate_fill_a_filter(filter: str, found: str | None) -> None:
    """Escaped; without the value there is no filter. NUMBER is that of the certificate, which is made anew each time."""
    assert filled(filter, LEAF, escaped) == (found and found.replace("NUMBER", str(LEAF.serial_number)))


def test_variables_that_nothing_fills_are_told() -> None:
    """By name."""
    assert [*unknown_variables("(a=${SubjectCN})(b=${PublicKey})(c=${SubjectX})")] == ["PublicKey", "SubjectX"]
