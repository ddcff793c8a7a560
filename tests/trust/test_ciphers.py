"""Names of cipher suites."""

import ssl

from zconnect.trust.ciphers import OPENSSL, TLS13, chosen


def test_names_are_sorted_out() -> None:
    """IBM's spelling counts as the registered one; what nobody knows is told apart."""
    choice = chosen(["SSL_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "X"])

    assert choice.openssl == ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")
    assert choice.tls13 == ("TLS_AES_128_GCM_SHA256",)
    assert choice.unknown == ("X",)


def test_the_table_is_that_of_openssl() -> None:
    """Every suite that OpenSSL offers here stands in the table."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL")

    assert {each["name"] for each in context.get_ciphers()} <= set(OPENSSL.values()) | TLS13
