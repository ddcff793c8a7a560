"""The rules of this house (ARCHITECTURE.md), as a test: floors, sizes, docstrings, messages, guards, tests for all."""

import ast
import glob
import importlib
import itertools
import pkgutil
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import zconnect
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.config.schema import METADATA, Element
from zconnect.features import VOCABULARY
from zconnect.messages import Message

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "zconnect"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

FLOORS = (
    {"messages", "values"},
    {"errors"},
    {"config"},
    {"roles"},
    {"trust"},
    {"security", "interceptors", "services"},
    {"runtime"},
    {"server"},
    {"features"},
    {"cli"},
)
SIBLINGS = ({"security"}, {"interceptors"}, {"services"})
LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 50

# An exception stays only as long as it is needed: one that no longer is fails, too.
CATCH_ALL = {"security/gate.py", "interceptors/chain.py", "server/edge.py", "runtime/deadline.py"}
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
WITHOUT_TEST: set[str] = set()


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """The dotted names of our own modules that a file imports, type-only imports included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zconnect"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("zconnect"))


def floor(of: str) -> int:
    return next(height for height, rooms in enumerate(FLOORS) if of in rooms)


def rows(found: Iterator[str]) -> list[str]:
    return sorted(set(found))


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_run_downward_only(path: Path) -> None:
    """A room knows itself and the rooms below it; siblings do not know each other."""
    here = room(path)
    for imported in imports(path):
        parts = imported.split(".")
        there = parts[1] if len(parts) > 1 else ""
        if there in {here, "", "__version__"}:
            continue
        assert floor(there) < floor(here), f"{name(path)} imports {imported}"


def test_there_is_no_import_cycle() -> None:
    """No module imports another that leads back to it."""
    known = {"zconnect." + name(path).removesuffix(".py").replace("/", "."): path for path in modules()}
    edges = {
        module: {found for imported in imports(path) for found in (imported, imported.rpartition(".")[0]) if found in known}
        for module, path in known.items()
    }
    done: set[str] = set()

    def visit(module: str, road: tuple[str, ...]) -> None:
        assert module not in road, " → ".join((*road, module))
        if module not in done:
            for below in edges[module]:
                visit(below, (*road, module))
            done.add(module)

    for module in edges:
        visit(module, ())


def test_packages_have_empty_inits() -> None:
    """Code in `__init__` is where import cycles come from."""
    assert [name(path) for path in PACKAGE.rglob("__init__.py") if path.read_text().strip() and path.parent != PACKAGE] == []


def test_files_are_short() -> None:
    """A file is a subject, not a drawer."""
    assert rows(iter(LONG_FILES)) == rows(name(path) for path in modules() if len(path.read_text().splitlines()) > LINES_OF_A_FILE)


def functions() -> Iterator[tuple[str, int]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    """A function is a thought."""
    assert rows(iter(LONG_FUNCTIONS)) == rows(found for found, lines in functions() if lines > LINES_OF_A_FUNCTION)
    lengths = sorted(lines for _, lines in functions())
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 22


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_module_says_what_belongs_in_it(path: Path) -> None:
    """The first line of a file is a sentence about what it holds."""
    assert re.match(r"\S.*", ast.get_docstring(tree(path)) or ""), name(path)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_public_things_have_a_docstring(path: Path) -> None:
    """What others may use says what it is."""
    missing = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert missing == []


def test_only_the_borders_catch_everything() -> None:
    """`except Exception` stands round foreign parts, at the edge, and where one coroutine is carried on by another."""

    def catches_all(node: ast.AST) -> bool:
        return isinstance(node, ast.ExceptHandler) and (
            node.type is None
            or any(isinstance(part, ast.Name) and part.id in {"Exception", "BaseException"} for part in ast.walk(node.type))
        )

    assert rows(iter(CATCH_ALL)) == rows(name(path) for path in modules() if any(map(catches_all, ast.walk(tree(path)))))


def test_assert_guards_nothing() -> None:
    """Assertions vanish under -O; only one that narrows a type may stand."""
    stray = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert) and not (isinstance(node.test, ast.Call) and ast.unparse(node.test.func) == "isinstance")
    ]
    assert stray == []


def test_modules_hold_no_mutable_state() -> None:
    """A module-level list, dict or set would be shared by runtimes that must not know each other."""
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    stray = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, mutable) and not _says_constant(node)
    ]
    assert stray == []


def _says_constant(node: ast.Assign | ast.AnnAssign) -> bool:
    """A table in capitals that is annotated as read-only is a constant."""
    return isinstance(node, ast.AnnAssign) and any(word in ast.unparse(node.annotation) for word in ("Mapping", "Final"))


def all_messages() -> Iterator[tuple[str, str, Message]]:
    for found in pkgutil.walk_packages(zconnect.__path__, "zconnect."):
        module = importlib.import_module(found.name)
        for constant, value in vars(module).items():
            if isinstance(value, Message) and f"\n{constant} = " in "\n" + Path(module.__file__ or "").read_text():
                yield found.name, constant, value


def test_messages_are_numbered_once_used_and_say_what_to_do() -> None:
    """Every number stands for one message; each is written somewhere and tells how to mend what it reports."""
    messages = list(all_messages())
    assert [number for number, count in Counter(message.number for _, _, message in messages).items() if count > 1] == []
    words = Counter(word for path in modules() for word in re.findall(r"\w+", path.read_text()))
    assert [constant for _, constant, _ in messages if words[constant] < 2] == []
    for _, constant, message in messages:
        assert re.fullmatch(r"[A-Z]{4,5}\d{4}[IAWEF]", message.number), constant
        assert message.action, constant
        assert message.text, constant


def test_every_attribute_is_explained() -> None:
    """The reference page is made from what stands at each declaration: some words, with a full stop put behind them."""
    silent = [
        f"{kind.tag}/@{each.name}: {each.about.doc}"
        for kind in all_kinds(VOCABULARY)
        for each in declarations(kind)
        if len(each.about.doc.split()) < 4 or each.about.doc.endswith(".")
    ]
    assert silent == []


def test_every_element_is_explained_and_named_once() -> None:
    """Two classes for one tag would make it a matter of chance which one reads it."""
    assert [kind.tag for kind in VOCABULARY if not (kind.__doc__ or "").strip()] == []
    assert [tag for tag, count in Counter(kind.tag for kind in VOCABULARY).items() if count > 1] == []


def test_every_declared_top_level_element_is_in_the_table() -> None:
    """An element that the table forgets is unknown to the server."""

    def below(kind: type[Element]) -> Iterator[type[Element]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from below(sub)

    nested = {
        each.type
        for kind in below(Element)
        for each in kind._fields.values()
        if METADATA in each.metadata and each.metadata[METADATA].form != "attr"
    }
    text = " ".join(map(str, nested))
    forgotten = [
        kind.__name__
        for kind in below(Element)
        if kind.__module__.startswith("zconnect") and "tag" in vars(kind) and kind not in VOCABULARY and kind.__name__ not in text
    ]
    assert forgotten == []


def test_every_module_has_its_test_file() -> None:
    """The test tree is the source tree."""
    missing = [name(path) for path in modules() if not (ROOT / "tests" / path.relative_to(PACKAGE).parent / f"test_{path.name}").exists()]
    assert rows(iter(WITHOUT_TEST)) == rows(iter(missing))


def test_an_installation_has_every_file() -> None:
    """What stands beside the modules (templates, also their empty folders) is in the wheel; its patterns pass over hidden files."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["zconnect"]
    packed = {found for pattern in patterns for found in glob.glob(pattern, root_dir=PACKAGE, recursive=True)}
    beside = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert {name(path) for path in beside} - packed == set()


def defined(path: Path) -> set[str]:
    """The classes and functions of a file, and what it calls its constants."""
    nodes = list(ast.walk(tree(path)))
    assigned = {target.id for node in nodes if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}
    return assigned | {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}


def test_the_map_names_what_is_there() -> None:
    """Every file, class and function that ARCHITECTURE.md names exists, the methods where it says."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = "|".join(sorted({room(path) for path in modules() if path.parent != PACKAGE}))
    for found in re.findall(rf"\b(?:{rooms})/\w+", text):
        assert (PACKAGE / f"{found}.py").exists(), found
    for file, names in re.findall(r"`([\w/]+\.py)(?:: ([\w.]+))?`", text):
        path = next((each for each in (PACKAGE / file, ROOT / file) if each.exists()), None)
        assert path, file
        assert set(filter(None, names.split("."))) <= defined(path), f"{file}: {names}"
    known = set[str]().union(*map(defined, modules()))
    assert {word for word in re.findall(r"`([A-Z][a-z]\w+)`", text) if word not in known} <= {"None"}


def test_nothing_speaks_of_how_it_was_made() -> None:
    """The repository is about the product."""
    words = re.compile("/wo" + r"rk/|ses" + r"sion \d|is" + r"sue #?\d|pypi" + r"\.org|registry\.npm" + "|repo1\\.maven")
    kinds = ("*.py", "*.md", "*.toml", "*.xml", "*.sh", "server", "test", "securityUtility")
    files = itertools.chain.from_iterable(ROOT.rglob(kind) for kind in kinds)
    tracked = (path for path in files if not any(part in {".venv", ".git", "build"} for part in path.parts) and path.is_file())
    assert [str(path.relative_to(ROOT)) for path in tracked if words.search(path.read_text(errors="replace"))] == []
