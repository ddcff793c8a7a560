"""<ltpa>."""

from zconnect.config.passwords import Password
from zconnect.security.ltpa import Ltpa, ValidationKeys


def test_it_is_accepted_without_effect_and_its_passwords_wear_their_mask() -> None:
    """A server.xml of Liberty often has one; its secrets stay secret here, too."""
    keys = ValidationKeys(file_name="old.keys", password=Password("secret"))
    ltpa = Ltpa(keys_password=Password("secret"), validation_keys=(keys,))
    assert ltpa.unused
    assert keys.unused
    assert "secret" not in repr(ltpa)
