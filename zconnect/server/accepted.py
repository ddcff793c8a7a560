"""Elements that Liberty servers commonly carry and that this server accepts without acting on them."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, element

_ONE_LOOP = "requests are served by one event loop, and blocking work by threads that it manages"
_NO_CLASSES = "there are no Java classes to load"
_NO_CONTAINER = "there is no servlet container, and there are no Java classes to load"
_NO_TRANSACTIONS = "this server begins no transactions"
_NO_JNDI = "there is no Java naming directory"
_NO_REMOTE_FILES = "there is no file service over the network"
_NO_SANDBOX = "there is no Java security manager"
_NO_WLM = "work is not classified by z/OS Workload Manager"


@element
class Executor(Element):
    """The thread pool of Liberty."""

    tag: ClassVar[str] = "executor"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _ONE_LOOP

    name: str = attr(default="Default Executor", doc="The name of the pool in messages")
    core_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="How many threads are kept even when idle")
    max_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="How many threads there may be")
    keep_alive: timedelta = attr(default=timedelta(minutes=1), unit="ms", doc="How long an idle thread stays")
    steal_policy: Literal["STRICT", "LOCAL", "NEVER"] = attr(default="LOCAL", doc="How threads take over each other's work")
    quiesce_timeout: str = attr(default="30s", doc="How long running work may take at the stop")
    rejected_work_policy: Literal["ABORT", "CALLER_RUNS"] = attr(default="ABORT", doc="What happens to too much work")


@element
class ClassLoading(Element):
    """Class loading in general."""

    tag: ClassVar[str] = "classloading"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_CLASSES

    use_jar_urls: bool = attr(default=False, name="useJarUrls", doc="Which form of address resources of archives have")


@element
class ApplicationManager(Element):
    """How applications are started and stopped."""

    tag: ClassVar[str] = "applicationManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_CONTAINER

    auto_expand: bool = attr(default=False, doc="Whether archives are unpacked before they are started")
    start_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long the start of an application may take")
    stop_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long the stop of an application may take")
    use_jandex: bool = attr(default=False, doc="Whether an index of annotations in the archive is used")


@element
class Transaction(Element):
    """The transaction manager."""

    tag: ClassVar[str] = "transaction"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_TRANSACTIONS

    recover_on_startup: bool = attr(default=False, doc="Whether interrupted transactions are recovered at the start of the server")
    wait_for_recovery: bool = attr(default=False, doc="Whether the server waits until they are recovered")
    total_tran_lifetime_timeout: timedelta = attr(default=timedelta(minutes=2), unit="s", doc="How long a transaction may take")
    client_inactivity_timeout: timedelta = attr(default=timedelta(minutes=1), unit="s", doc="How long a client may be silent")


@element
class JndiEntry(Element):
    """A value in the naming directory."""

    tag: ClassVar[str] = "jndiEntry"
    unused: ClassVar[str | None] = _NO_JNDI

    jndi_name: str = attr(doc="The name under which programs look it up")
    value: str = attr(doc="The value that they find there")
    decode: bool = attr(default=False, doc="Whether the value is an encoded password")


@element
class RemoteFileAccess(Element):
    """The file service of administration clients."""

    tag: ClassVar[str] = "remoteFileAccess"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_REMOTE_FILES

    read_dir: tuple[Location, ...] = attr(default=(), doc="The folders whose files clients may read")
    write_dir: tuple[Location, ...] = attr(default=(), doc="The folders in which clients may write")


@element
class JavaPermission(Element):
    """A permission of the Java security manager."""

    tag: ClassVar[str] = "javaPermission"
    unused: ClassVar[str | None] = _NO_SANDBOX

    class_name: str = attr(doc="The Java class of the permission")
    name: str = attr(default="", doc="The thing that the permission is for, such as a file")
    actions: str = attr(default="", doc="The actions that it allows, such as read")
    code_base: Location | None = attr(
        default=None, name="codebase", doc="The place of the code that gets the permission; without it all code does"
    )
    restriction: bool = attr(default=False, doc="Whether the permission is taken away instead of given")


@element
class WlmClassification(Element):
    """Rules that give requests a transaction class of z/OS Workload Manager."""

    tag: ClassVar[str] = "zosWorkloadManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_WLM

    collection_name: str = attr(default="", doc="The name of the collection")


ELEMENTS: tuple[type[Element], ...] = (
    Executor,
    ClassLoading,
    ApplicationManager,
    Transaction,
    JndiEntry,
    RemoteFileAccess,
    JavaPermission,
    WlmClassification,
)
