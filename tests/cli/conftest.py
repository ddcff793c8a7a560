"""Every test of a command has a user directory of its own."""

from tests.cli.home import home

__all__ = ["home"]
