"""What is said of APIs one by one."""

from collections.abc import Callable

from zconnect.config.configuration import Configuration
from zconnect.services.apis import ZosConnectApi, ZosConnectApis, api_of, warn_of_unserved

CATALOG = ZosConnectApi(name="catalog", invoke_group=("catalogUsers",))
SPOKEN = Configuration([ZosConnectApis(apis=(CATALOG,))])


def test_an_api_is_found_by_its_exact_name() -> None:
    """What is said of another does not count."""
    assert api_of(SPOKEN, "catalog") is CATALOG
    assert api_of(SPOKEN, "Catalog").invoke_group == ()
    assert api_of(Configuration([]), "catalog").invoke_group == ()


def test_an_api_that_nobody_serves_is_told_of(told: Callable[[str], int]) -> None:
    """One of the two names may be misspelt."""
    warn_of_unserved(SPOKEN, ["catalog"])
    assert told("ZCON0661W") == 0
    warn_of_unserved(SPOKEN, ["catalogue"])
    assert told("ZCON0661W: The zosConnectAPI catalog ") == 1
