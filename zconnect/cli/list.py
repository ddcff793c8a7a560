"""`server list`: which servers there are."""

from pathlib import Path

from zconnect.cli.action import Action, Arguments, Exit, Failure
from zconnect.errors import Unavailable
from zconnect.server.instance import user_dir
from zconnect.server.whereabouts import valid_name


def servers(folder: Path) -> list[str]:
    """The names of the servers below a user directory, in code point order."""
    try:
        found = [path.name for path in (folder / "servers").iterdir() if (path / "server.xml").is_file()]
    except OSError:
        return []
    return sorted(name for name in found if valid_name(name) or (" " in name and not name.startswith(".")))


def run(arguments: Arguments) -> Exit:
    """Print one name a line."""
    try:
        folder = user_dir(arguments.environment)
    except Unavailable as unavailable:
        raise Failure(Exit.LOCATION, unavailable.told) from unavailable
    found = servers(folder)
    if not found:
        print(f"There are no servers defined in the user directory {folder}.")
        return Exit.OK
    print(f"The following servers are defined in the user directory {folder}.\n")
    print("\n".join(found))
    return Exit.OK


ACTION = Action("list", "Lists the servers of the user directory.", (), run, group="Information", server=False, lenient=True)
