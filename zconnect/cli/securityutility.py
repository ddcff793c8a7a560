"""The command `securityUtility`: encodes passwords and makes keys, without a server running."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final

from zconnect.cli.task import BadArguments, Task, given, usage

# One file a task; a run loads its own alone.
TASKS: Final = MappingProxyType(
    {
        "createLTPAKeys": "ltpakeys",
        "createSSLCertificate": "sslcertificate",
        "encode": "encode",
        "generateAESKey": "aeskey",
        "tlsProfiler": "tlsprofiler",
    }
)


def task(name: str) -> Task:
    """The declaration of a task; `name` is one of TASKS."""
    found: Task = import_module(f"zconnect.cli.{TASKS[name]}").TASK
    return found


def main(argv: Sequence[str]) -> int:
    """Carry out a command line (without the program's name); the exit code."""
    word, *words = argv or ["help"]
    if word == "help":
        return _help(words)
    if word not in TASKS:
        print(f"Unknown task: {word}\n\n{_overview()}")
        return 0  # as the real one does
    chosen = task(word)
    try:
        return chosen.run(given(chosen, words, os.environ))
    except BadArguments as wrong:
        print(f"\nError: {wrong}\n\n\n{usage(chosen)}", file=sys.stderr)
        return 1


def _help(words: Sequence[str]) -> int:
    print()
    print(usage(task(words[0])) if words and words[0] in TASKS else _overview())
    return 0


def _overview() -> str:
    lines = [f"Usage: securityUtility {{{'|'.join((*TASKS, 'help'))}}} [options]", ""]
    for name in TASKS:
        lines += [f"    {name}", f"\t{task(name).summary}"]
    return "\n".join([*lines, "", "securityUtility help TASK shows the options of a task."])


def entry() -> None:
    """The console script `securityUtility`."""
    raise SystemExit(main(sys.argv[1:]))


if __name__ == "__main__":
    entry()
