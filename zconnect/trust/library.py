"""<library>: folders of Python code that the owner of a server believes enough to let it run inside."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, element, ref
from zconnect.values import Place

_BY_NAME = "a module is found by its name, and no other file is looked at"


@element
class Fileset(Element):
    """A folder with modules."""

    tag: ClassVar[str] = "fileset"

    dir: Location | None = attr(default=None, doc="The folder; the server's own where it is not given")
    includes: str = attr(default="*", doc="Patterns of names that belong to it", unused=_BY_NAME)
    excludes: str = attr(default="", doc="Patterns of names that do not", unused=_BY_NAME)
    case_sensitive: bool = attr(default=True, doc="Whether patterns mind upper and lower case", unused=_BY_NAME)
    scan_interval: timedelta = attr(
        default=timedelta(0), doc="How often the folder is looked at", unused="modules are watched like all files of the configuration"
    )


@element
class File(Element):
    """A file with a module; the modules beside it can be found, too."""

    tag: ClassVar[str] = "file"

    name: Location = attr(doc="Where the file is; a relative name begins in the folder of the server")


@element
class Folder(Element):
    """A folder with modules."""

    tag: ClassVar[str] = "folder"

    dir: Location = attr(doc="Where the folder is; a relative name begins in the folder of the server")


@element
class Library(Element):
    """Folders with Python modules, for elements that name a class of the server's owner.

    <library id="gateway">
        <folder dir="lib"/>
    </library>
    """

    tag: ClassVar[str] = "library"

    name: str = attr(default="", doc="The name of the library in messages", unused="messages name the class and the file")
    description: str = attr(default="", doc="What the library is for, in words for people", unused="it is for people only")
    api_type_visibility: str = attr(
        default="spec,ibm-api,api,stable", doc="Kinds of API that its classes see", unused="there are no Java classes"
    )
    fileset: tuple[Fileset, ...] = ref(default=(), doc="The folders that belong to it")
    file: tuple[File, ...] = ref(default=(), doc="The single files that belong to it")
    folder: tuple[Folder, ...] = ref(default=(), doc="The folders that belong to it")

    def folders(self, place: Place) -> tuple[Path, ...]:
        """Where modules are looked for, in order."""
        return tuple(dict.fromkeys(place.config_dir / each for each in self._named()))

    def _named(self) -> Iterator[Path]:
        yield from (Path(each.dir) for each in self.folder)
        yield from (Path(each.dir or "") for each in self.fileset)
        yield from (Path(each.name).parent for each in self.file)


ELEMENTS: tuple[type[Element], ...] = (Fileset, File, Folder, Library)
