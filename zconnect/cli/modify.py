"""`server modify`: z/OS Connect's verbs for a running server (F job,ZCON,verb), typed where there is no operator's console."""

from types import MappingProxyType

from zconnect.cli import channel, refresh
from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing
from zconnect.cli.arguments import refused
from zconnect.errors import Unavailable
from zconnect.messages import error

NO_VERB = error(
    "ZCON0905E",
    "The command modify needs one verb behind the name of the server and has {given}.",
    "Write server modify NAME with refresh, clearsafcache or cleartokencache.",
)
MODIFY_OFF = error("ZCON0906E", "The server {name} cannot be modified because its command port is off.", "Set command.port.")

_PREFIX = "zcon,"
_REFRESH = "refresh"
_FORGOTTEN = MappingProxyType({"clearsafcache": "logins", "cleartokencache": "tokens"})


def run(arguments: Arguments) -> Exit:
    """Have the server do what the verb says, in all its processes."""
    verb = _verb(arguments)
    if verb == _REFRESH:
        return refresh.run(arguments)
    instance = existing(arguments)
    if not instance.running():
        print(f"Server {instance.name} is not running.")
        return Exit.UNKNOWN
    try:
        channel.sent(instance, verb, silent=MODIFY_OFF(name=instance.name))
    except Unavailable as unavailable:
        raise Failure(Exit.UNKNOWN, unavailable.told, plain=True) from unavailable
    print(f"Server {instance.name} has forgotten the {_FORGOTTEN[verb]} that it remembered.")
    return Exit.OK


def _verb(arguments: Arguments) -> str:
    """The verb in lower case; raises `Failure` (exit 20)."""
    given = arguments.words[1:]
    verb = given[0].lower().removeprefix(_PREFIX) if len(given) == 1 else ""
    if verb != _REFRESH and verb not in _FORGOTTEN:
        raise refused(NO_VERB(given=" ".join(given) or "none"))
    return verb


ACTION = Action(
    "modify",
    "Does what the MODIFY command of z/OS Connect does: one verb, in upper or lower case, also with ZCON, before it.",
    (
        Option("refresh", "Read the configuration at once, as server refresh does."),
        Option("clearsafcache", "Forget who has logged in and with which groups; callers are looked up in the user registry anew."),
        Option("cleartokencache", "Forget which tokens were found good; each is validated anew."),
    ),
    run,
    group="Miscellaneous",
    lenient=True,
    existing=True,
)
