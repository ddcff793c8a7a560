"""Fixtures of this room."""

from pathlib import Path

import pytest

from tests.trust.keytool import Keytool


@pytest.fixture
def keytool(tmp_path: Path) -> Keytool:
    """A key store that Java makes, PKCS12."""
    return Keytool(tmp_path)


@pytest.fixture
def keytool_jks(tmp_path: Path) -> Keytool:
    """A key store that Java makes, JKS."""
    return Keytool(tmp_path, "JKS")
