"""The Python modules of one application or library: loaded under names of their own, so that two, and two loads of one, do not meet.

A module `helpers` beside `catalog` is imported as `import helpers`; to the interpreter it is `zconnect_app_….helpers`.
Its folders are never on `sys.path`, so a file in one shadows nothing for the rest of the server.
"""

import asyncio
import builtins
import importlib
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from secrets import token_hex
from types import CodeType, ModuleType
from typing import TypeVar

T = TypeVar("T")


class Modules:
    """The modules of one load of the code in some folders, of which the first that has a module counts."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self.name = f"zconnect_app_{token_hex(4)}"

    def load(self, module: str) -> ModuleType:
        """Import a module of the folders; raises whatever the module raises."""
        package = ModuleType(self.name)
        package.__path__ = list(map(str, self.folders))
        sys.modules[self.name] = package
        sys.meta_path.insert(0, self)
        importlib.invalidate_caches()
        return importlib.import_module(f"{self.name}.{module}")

    def find(self, module: str, name: str) -> object:
        """The object of a dotted name in a module; raises whatever the module raises, and `AttributeError`."""
        found: object = self.load(module)
        for part in name.split("."):
            found = getattr(found, part)
        return found

    def files(self) -> frozenset[Path]:
        """The files that were loaded so far."""
        found = (getattr(module, "__file__", None) for module in self._mine().values())
        return frozenset(Path(file) for file in found if file)

    def forget(self) -> None:
        """Take the modules out of the interpreter; whoever still holds one may go on using it."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name in self._mine():
            sys.modules.pop(name, None)

    def _mine(self) -> Mapping[str, ModuleType]:
        return {name: module for name, module in dict(sys.modules).items() if name == self.name or name.startswith(f"{self.name}.")}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The finder's part (importlib): only for names of this application."""
        if not name.startswith(f"{self.name}."):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader) and spec.origin:
            spec.loader = _Loader(name, spec.origin, self)
            spec.cached = None
        return spec

    def imported(self, name: str, globals: Mapping[str, object] | None, fromlist: Sequence[str], level: int) -> ModuleType:
        """What an import statement in one of the modules gets: a module of the folders first."""
        top = name.partition(".")[0]
        if level or not self._has(top):
            return builtins.__import__(name, globals, None, fromlist, level)
        module = builtins.__import__(f"{self.name}.{name}", globals, None, fromlist or ("__name__",), 0)
        return module if fromlist else sys.modules[f"{self.name}.{top}"]

    def _has(self, top: str) -> bool:
        return any((folder / f"{top}.py").is_file() or (folder / top / "__init__.py").is_file() for folder in self.folders)


async def attempted(work: Callable[[], T]) -> T | BaseException:
    """What foreign code returns or raises, which may be anything; in a thread, because it may take long and requests go on meanwhile."""
    running = asyncio.get_running_loop().run_in_executor(None, work)
    (found,) = await asyncio.gather(running, return_exceptions=True)
    return found


def place_of(cause: BaseException) -> str:
    """Where a failure came from: the last place of its stack."""
    if isinstance(cause, SyntaxError):
        return f"{cause.filename}:{cause.lineno}"
    frames = traceback.extract_tb(cause.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "no place"


class _Loader(SourceFileLoader):
    """Runs a module with an `import` that knows its neighbours, always from its source.

    A file of compiled code is trusted by the second of its source, and an edit may come within one.
    """

    def __init__(self, name: str, path: str, modules: Modules) -> None:
        super().__init__(name, path)
        self._modules = modules

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        modules = self._modules

        def imported(
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            return modules.imported(name, globals, fromlist or (), level)

        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": imported}
        super().exec_module(module)
