"""Elements that Liberty servers commonly carry and that this server accepts without acting on them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, ref

_ONE_LOOP = "requests are served by one event loop, and blocking work by threads that it manages"
_NO_CLASSES = "there are no Java classes to load"
_NO_CONTAINER = "there is no servlet container"
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

    name: str = attr(default="Default Executor", doc="A name for messages", unused=_ONE_LOOP)
    core_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="Threads that are always there", unused=_ONE_LOOP)
    max_threads: int = attr(default=-1, minimum=-1, maximum=2**31 - 1, doc="Most threads", unused=_ONE_LOOP)
    keep_alive: timedelta = attr(default=timedelta(minutes=1), unit="ms", doc="How long an idle thread stays", unused=_ONE_LOOP)
    steal_policy: Literal["STRICT", "LOCAL", "NEVER"] = attr(default="LOCAL", doc="How threads share work", unused=_ONE_LOOP)
    quiesce_timeout: str = attr(default="30s", doc="How long running work may take at the stop", unused=_ONE_LOOP)
    rejected_work_policy: Literal["ABORT", "CALLER_RUNS"] = attr(default="ABORT", doc="What happens to too much work", unused=_ONE_LOOP)


@dataclass(frozen=True, kw_only=True)
class Fileset(Element):
    """A set of files below a folder."""

    tag: ClassVar[str] = "fileset"

    dir: Location | None = attr(default=None, doc="The folder; the server's own where it is not given", unused=_NO_CLASSES)
    includes: str = attr(default="*", doc="Patterns of names that belong to it", unused=_NO_CLASSES)
    excludes: str = attr(default="", doc="Patterns of names that do not", unused=_NO_CLASSES)
    case_sensitive: bool = attr(default=True, doc="Whether patterns mind the case", unused=_NO_CLASSES)
    scan_interval: timedelta = attr(default=timedelta(0), doc="How often the folder is looked at", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class File(Element):
    """A single file."""

    tag: ClassVar[str] = "file"

    name: Location = attr(doc="The file", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Folder(Element):
    """A folder."""

    tag: ClassVar[str] = "folder"

    dir: Location = attr(doc="The folder", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Library(Element):
    """A shared library of Java classes."""

    tag: ClassVar[str] = "library"

    name: str = attr(default="", doc="A name for messages", unused=_NO_CLASSES)
    description: str = attr(default="", doc="A description for people", unused=_NO_CLASSES)
    api_type_visibility: str = attr(default="spec,ibm-api,api,stable", doc="Kinds of API that its classes see", unused=_NO_CLASSES)
    fileset: tuple[Fileset, ...] = ref(default=(), doc="Sets of files in it", unused=_NO_CLASSES)
    file: tuple[File, ...] = ref(default=(), doc="Files in it", unused=_NO_CLASSES)
    folder: tuple[Folder, ...] = ref(default=(), doc="Folders in it", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class ClassLoading(Element):
    """Class loading in general."""

    tag: ClassVar[str] = "classloading"
    singleton: ClassVar[bool] = True

    use_jar_urls: bool = attr(default=False, name="useJarUrls", doc="Which form of address resources of archives have", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class ApplicationManager(Element):
    """How applications are started and stopped."""

    tag: ClassVar[str] = "applicationManager"
    singleton: ClassVar[bool] = True

    auto_expand: bool = attr(default=False, doc="Unpack archives", unused=_NO_CONTAINER)
    start_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long a start may take", unused=_NO_CONTAINER)
    stop_timeout: timedelta = attr(default=timedelta(seconds=30), unit="s", doc="How long a stop may take", unused=_NO_CONTAINER)
    use_jandex: bool = attr(default=False, doc="Use a class index", unused=_NO_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Transaction(Element):
    """The transaction manager."""

    tag: ClassVar[str] = "transaction"
    singleton: ClassVar[bool] = True

    recover_on_startup: bool = attr(default=False, doc="Recover at the start", unused=_NO_TRANSACTIONS)
    wait_for_recovery: bool = attr(default=False, doc="Wait for the recovery", unused=_NO_TRANSACTIONS)
    total_tran_lifetime_timeout: timedelta = attr(
        default=timedelta(minutes=2), unit="s", doc="How long a transaction may take", unused=_NO_TRANSACTIONS
    )
    client_inactivity_timeout: timedelta = attr(
        default=timedelta(minutes=1), unit="s", doc="How long a client may be silent", unused=_NO_TRANSACTIONS
    )


@dataclass(frozen=True, kw_only=True)
class JndiEntry(Element):
    """A value in the naming directory."""

    tag: ClassVar[str] = "jndiEntry"

    jndi_name: str = attr(doc="Its name", unused=_NO_JNDI)
    value: str = attr(doc="Its value", unused=_NO_JNDI)
    decode: bool = attr(default=False, doc="Whether the value is an encoded password", unused=_NO_JNDI)


@dataclass(frozen=True, kw_only=True)
class RemoteFileAccess(Element):
    """The file service of administration clients."""

    tag: ClassVar[str] = "remoteFileAccess"
    singleton: ClassVar[bool] = True

    read_dir: tuple[Location, ...] = attr(default=(), doc="Folders that may be read", unused=_NO_REMOTE_FILES)
    write_dir: tuple[Location, ...] = attr(default=(), doc="Folders that may be written", unused=_NO_REMOTE_FILES)


@dataclass(frozen=True, kw_only=True)
class JavaPermission(Element):
    """A permission of the Java security manager."""

    tag: ClassVar[str] = "javaPermission"

    class_name: str = attr(doc="The class of the permission", unused=_NO_SANDBOX)
    name: str = attr(default="", doc="What it is for", unused=_NO_SANDBOX)
    actions: str = attr(default="", doc="What it allows", unused=_NO_SANDBOX)
    code_base: Location | None = attr(default=None, name="codebase", doc="For classes from there", unused=_NO_SANDBOX)
    restriction: bool = attr(default=False, doc="Whether it takes away instead", unused=_NO_SANDBOX)


@dataclass(frozen=True, kw_only=True)
class WlmClassification(Element):
    """Rules that give requests a transaction class of z/OS Workload Manager."""

    tag: ClassVar[str] = "zosWorkloadManager"
    singleton: ClassVar[bool] = True

    collection_name: str = attr(default="", doc="The name of the collection", unused=_NO_WLM)


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
