"""The places that a command went by, as it shows them and as its log begins; imports next to nothing (see quick.py)."""

import sys
import time


def table(user_dir: str, config_dir: str, output_dir: str) -> str:
    """One place a line, their names flush right."""
    install_root = user_dir.rpartition("/")[0]
    rows = {
        "Command": sys.argv[0],
        "Python": sys.executable,
        "Install root": f"{install_root}/",
        "System libraries": f"{sys.prefix}/",
        "User root": f"{user_dir}/",
        "Config": f"{config_dir}/",
        "Output": f"{output_dir}/",
    }
    return "\n".join(f"{name + ':':>26} {value}" for name, value in rows.items())


def beginning(words: str, shown: str) -> str:
    """How the log of a command begins; `shown` are its places."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} server {words}\n{shown}\n"


def end(code: int) -> str:
    """How the log of a command ends that has failed."""
    return f"exit code {code}\n"
