"""<ltpa>: the keys and the life of Liberty's single sign-on cookie."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import Problem
from zconnect.security.authfilter import AuthFilter, flaws
from zconnect.values import Place

_FOLDER = Path("resources", "security")


def _check_date(text: str) -> None:
    if text.strip() and datetime.fromisoformat(text.strip()).tzinfo is None:
        raise ValueError("it says no time zone, as 2026-01-31T12:00:00Z does")


@element
class ValidationKeys(Element):
    """A file of keys that cookies of another time or server were made with; no cookie is made with them."""

    tag: ClassVar[str] = "validationKeys"

    file_name: str = attr(guard=True, doc="The name of the file, in the folder of keysFileName")
    password: Password = attr(guard=True, doc="The password of the keys in it")
    valid_until_date: str = attr(
        default="", guard=True, check=_check_date, doc="The day and time (ISO 8601) until which cookies of these keys are good"
    )

    @property
    def valid_until(self) -> float:
        """When these keys end, in seconds since the epoch."""
        text = self.valid_until_date.strip()
        return datetime.fromisoformat(text).timestamp() if text else float("inf")


@element
class Ltpa(Element):
    """The keys and the life of the single sign-on cookie (LTPA), which callers get who log in by user and password or certificate.

    Servers with the same file of keys accept each other's cookies. The file is made at the first start where there is none.

    <ltpa keysFileName="ltpa.keys" keysPassword="{xor}PjM2PDpyLDo8LTor" expiration="30m">
        <validationKeys fileName="last-year.keys" password="{xor}PjM2PDpyLDo8LTor" validUntilDate="2026-12-31T00:00:00Z"/>
    </ltpa>
    """

    tag: ClassVar[str] = "ltpa"
    singleton: ClassVar[bool] = True
    default_id: ClassVar[str | None] = "defaultLtpa"

    keys_file_name: Location | None = attr(
        default=None,
        guard=True,
        doc="The file with the keys; a relative name begins, and resources/security/ltpa.keys is, in the output directory of the server",
    )
    keys_password: Password | None = attr(
        default=None,
        guard=True,
        doc="The password of the keys in the file; without it the environment variable ltpa_keys_password or keystore_password, or WebAS",
    )
    expiration: timedelta = attr(default=timedelta(hours=2), guard=True, unit="m", doc="How long after its issue a cookie is good")
    expiration_difference_allowed: timedelta = attr(
        default=timedelta(seconds=3), guard=True, doc="How much the two times may differ at which a cookie says that it ends"
    )
    monitor_interval: timedelta = attr(
        default=timedelta(0),
        doc="Whether changed files of keys are read: 0 is never, any other value with the other files of the server, at the pace of config",
    )
    monitor_validation_keys_dir: bool = attr(
        default=False, guard=True, doc="All files *.keys of the folder validate cookies, with the password of the first"
    )
    update_trigger: Literal["polled", "mbean", "disabled"] = attr(
        default="polled", doc="What makes a changed file be read: polled: as monitorInterval says; mbean: the change; disabled: a start"
    )
    auth_filter: AuthFilter | None = ref(guard=True, doc="The requests whose cookies are accepted; without it all")
    validation_keys: tuple[ValidationKeys, ...] = children(guard=True, doc="Keys that cookies are validated with beside those of the file")

    def mistakes(self) -> Iterable[Problem]:
        """Conditions of its filter that have no meaning."""
        return flaws(self.auth_filter) if self.auth_filter else ()

    def file(self, place: Place) -> Path:
        """Where the keys are."""
        return place.output_dir / (self.keys_file_name or _FOLDER / "ltpa.keys")

    @property
    def watched(self) -> bool:
        """Whether a change of the files counts while the server runs."""
        return self.update_trigger == "mbean" or (self.update_trigger == "polled" and self.monitor_interval > timedelta(0))
