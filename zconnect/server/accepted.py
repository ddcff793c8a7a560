"""Elements that Liberty servers commonly carry and that this server accepts without acting on them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, ref

_ONE_LOOP = "requests are served by one event loop, and blocking work by threads that it manages"
_NO_CLASSES = "there are no Java classes to load"
_NO_CONTAINER = "there is no servlet container, and there are no Java classes to load"
_NO_TRANSACTIONS = "this server begins no transactions"
_NO_JNDI = "there is no Java naming directory"
_NO_REMOTE_FILES = "there is no file service over the network"
_NO_SANDBOX = "there is no Java security manager"
_NO_WLM = "work is not classified by z/OS Workload Manager"


@dataclass(frozen=True, kw_only=True)
class Executor(Element):
    """The thread pool of Liberty."""

    tag: ClassVar[str] = "executor"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _ONE_LOOP

    name: str = attr(default="Default Executor", doc="A name for messages")
    core_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="Threads that are always there")
    max_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="Most threads")
    keep_alive: timedelta = attr(default=timedelta(minutes=1), unit="ms", doc="How long an idle thread stays")
    steal_policy: Literal["STRICT", "LOCAL", "NEVER"] = attr(default="LOCAL", doc="How threads share work")
    quiesce_timeout: str = attr(default="30s", doc="How long running work may take at the stop")
    rejected_work_policy: Literal["ABORT", "CALLER_RUNS"] = attr(default="ABORT", doc="What happens to too much work")


@dataclass(frozen=True, kw_only=True)
class Fileset(Element):
    """A set of files below a folder."""

    tag: ClassVar[str] = "fileset"
    unused: ClassVar[str | None] = _NO_CLASSES

    dir: Location | None = attr(default=None, doc="The folder; the server's own where it is not given")
    includes: str = attr(default="*", doc="Patterns of names that belong to it")
    excludes: str = attr(default="", doc="Patterns of names that do not")
    case_sensitive: bool = attr(default=True, doc="Whether patterns mind the case")
    scan_interval: timedelta = attr(default=timedelta(0), doc="How often the folder is looked at")


@dataclass(frozen=True, kw_only=True)
class File(Element):
    """A single file."""

    tag: ClassVar[str] = "file"
    unused: ClassVar[str | None] = _NO_CLASSES

    name: Location = attr(doc="The file")


@dataclass(frozen=True, kw_only=True)
class Folder(Element):
    """A folder."""

    tag: ClassVar[str] = "folder"
    unused: ClassVar[str | None] = _NO_CLASSES

    dir: Location = attr(doc="The folder")


@dataclass(frozen=True, kw_only=True)
class Library(Element):
    """A shared library of Java classes."""

    tag: ClassVar[str] = "library"
    unused: ClassVar[str | None] = _NO_CLASSES

    name: str = attr(default="", doc="A name for messages")
    description: str = attr(default="", doc="A description for people")
    api_type_visibility: str = attr(default="spec,ibm-api,api,stable", doc="Kinds of API that its classes see")
    fileset: tuple[Fileset, ...] = ref(default=(), doc="Sets of files in it")
    file: tuple[File, ...] = ref(default=(), doc="Files in it")
    folder: tuple[Folder, ...] = ref(default=(), doc="Folders in it")


@dataclass(frozen=True, kw_only=True)
class ClassLoading(Element):
    """Class loading in general."""

    tag: ClassVar[str] = "classloading"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_CLASSES

    use_jar_urls: bool = attr(default=False, name="useJarUrls", doc="Which form of address resources of archives have")


@dataclass(frozen=True, kw_only=True)
class ApplicationManager(Element):
    """How applications are started and stopped."""

    tag: ClassVar[str] = "applicationManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_CONTAINER

    auto_expand: bool = attr(default=False, doc="Unpack archives")
    start_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long a start may take")
    stop_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long a stop may take")
    use_jandex: bool = attr(default=False, doc="Use a class index")


@dataclass(frozen=True, kw_only=True)
class Transaction(Element):
    """The transaction manager."""

    tag: ClassVar[str] = "transaction"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_TRANSACTIONS

    recover_on_startup: bool = attr(default=False, doc="Recover at the start")
    wait_for_recovery: bool = attr(default=False, doc="Wait for the recovery")
    total_tran_lifetime_timeout: timedelta = attr(default=timedelta(minutes=2), unit="s", doc="How long a transaction may take")
    client_inactivity_timeout: timedelta = attr(default=timedelta(minutes=1), unit="s", doc="How long a client may be silent")


@dataclass(frozen=True, kw_only=True)
class JndiEntry(Element):
    """A value in the naming directory."""

    tag: ClassVar[str] = "jndiEntry"
    unused: ClassVar[str | None] = _NO_JNDI

    jndi_name: str = attr(doc="Its name")
    value: str = attr(doc="Its value")
    decode: bool = attr(default=False, doc="Whether the value is an encoded password")


@dataclass(frozen=True, kw_only=True)
class RemoteFileAccess(Element):
    """The file service of administration clients."""

    tag: ClassVar[str] = "remoteFileAccess"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_REMOTE_FILES

    read_dir: tuple[Location, ...] = attr(default=(), doc="Folders that may be read")
    write_dir: tuple[Location, ...] = attr(default=(), doc="Folders that may be written")


@dataclass(frozen=True, kw_only=True)
class JavaPermission(Element):
    """A permission of the Java security manager."""

    tag: ClassVar[str] = "javaPermission"
    unused: ClassVar[str | None] = _NO_SANDBOX

    class_name: str = attr(doc="The class of the permission")
    name: str = attr(default="", doc="What it is for")
    actions: str = attr(default="", doc="What it allows")
    code_base: Location | None = attr(default=None, name="codebase", doc="For classes from there")
    restriction: bool = attr(default=False, doc="Whether it takes away instead")


@dataclass(frozen=True, kw_only=True)
class WlmClassification(Element):
    """Rules that give requests a transaction class of z/OS Workload Manager."""

    tag: ClassVar[str] = "zosWorkloadManager"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _NO_WLM

    collection_name: str = attr(default="", doc="The name of the collection")


ELEMENTS: tuple[type[Element], ...] = (
    Executor,
    Fileset,
    File,
    Folder,
    Library,
    ClassLoading,
    ApplicationManager,
    Transaction,
    JndiEntry,
    RemoteFileAccess,
    JavaPermission,
    WlmClassification,
)
