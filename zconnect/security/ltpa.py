"""<ltpa>: the keys of Liberty's single sign-on cookie; accepted, and announced as being without effect."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.security.authfilter import AuthFilter

_NO_COOKIE = "there is no single sign-on cookie"


@element
class ValidationKeys(Element):
    """A file of keys that cookies of another time or server were made with."""

    tag: ClassVar[str] = "validationKeys"
    unused: ClassVar[str | None] = _NO_COOKIE

    file_name: str = attr(doc="The name of the file, in the folder of keysFileName")
    password: Password = attr(doc="The password of the keys in it")
    valid_until_date: str = attr(default="", doc="The day and time until which cookies of these keys are good")


@element
class Ltpa(Element):
    """The keys and the life of the single sign-on cookie (LTPA)."""

    tag: ClassVar[str] = "ltpa"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_COOKIE

    keys_file_name: Location | None = attr(
        default=None, doc="The file with the keys; without it resources/security/ltpa.keys in the output directory of the server"
    )
    keys_password: Password | None = attr(default=None, doc="The password of the keys in the file")
    expiration: timedelta = attr(default=timedelta(hours=2), unit="m", doc="How long after its issue a cookie is good")
    monitor_interval: timedelta = attr(default=timedelta(0), doc="How often the file is looked at; 0 is never")
    monitor_validation_keys_dir: bool = attr(default=False, doc="Whether all key files of the folder validate cookies")
    update_trigger: Literal["polled", "mbean", "disabled"] = attr(default="polled", doc="What makes a changed file be read")
    auth_filter: AuthFilter | None = ref(doc="The requests whose cookies are looked at; without it all")
    validation_keys: tuple[ValidationKeys, ...] = children(doc="Keys that cookies are validated with beside those of the file")
