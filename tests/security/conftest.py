"""What needs a real peer: a directory."""

from collections.abc import Iterator

import pytest

from tests.server.certificates import Authority

from .slapd import Slapd, directory


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def slapd(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with directory(tmp_path_factory.mktemp("slapd"), authority) as found:
        yield found
