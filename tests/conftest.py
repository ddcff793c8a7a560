"""What holds for all tests."""

import os

# Hundreds of servers and commands are started: without files of byte code each of them would compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
