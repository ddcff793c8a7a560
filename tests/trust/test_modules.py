"""Applications and libraries do not meet, neither each other nor the rest of the server."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.trust.modules import Modules, attempted, place_of
from zconnect.values import Place

Write = Callable[[str, str], Path]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("test", tmp_path, tmp_path, tmp_path, tmp_path / "logs")


@pytest.fixture
def write(place: Place) -> Write:
    """Writes a file into the folder of applications."""

    def write(name: str, text: str) -> Path:
        path = place.config_dir / "apps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def loaded(place: Place, module: str) -> dict[str, object]:
    modules = Modules(place.config_dir / "apps")
    try:
        return vars(modules.load(module))
    finally:
        modules.forget()


def test_neighbours_are_found_and_nothing_else_is_shadowed(place: Place, write: Write) -> None:
    """A file json.py in the folder is the application's json, and nobody else's."""
    write("json.py", "MINE = True")
    write("helpers.py", "import json\nVALUE = json.MINE")
    write("catalog.py", "import helpers\nfrom helpers import VALUE as value\nimport os.path\n")
    found = loaded(place, "catalog")
    assert found["value"] is True
    assert "helpers" not in sys.modules
    assert not hasattr(json, "MINE")
    assert str(place.config_dir / "apps") not in sys.path


def test_a_package_has_modules_by_every_road(place: Place, write: Write) -> None:
    """Relative, absolute, dotted, and late."""
    write("shop/__init__.py", "from .parts import one\nimport shop.parts\nfrom shop import parts as again\n")
    write("shop/parts.py", "one = 1\ndef late():\n    from shop.late import two\n    return two\n")
    write("shop/late.py", "two = 2")
    modules = Modules(place.config_dir / "apps")
    shop = modules.load("shop")
    assert shop.one == 1
    assert shop.shop.parts is shop.again is shop.parts
    assert shop.parts.late() == 2
    assert {file.name for file in modules.files()} == {"__init__.py", "parts.py", "late.py"}
    modules.forget()
    assert not [name for name in sys.modules if name.startswith("zconnect_app_")]


def test_two_loads_are_two_modules(place: Place, write: Write) -> None:
    """Neither sees what the other keeps."""
    write("counter.py", "import typing\nseen: list[int] = []")
    first, second = loaded(place, "counter"), loaded(place, "counter")
    assert first["seen"] is not second["seen"]


def test_new_code_is_loaded_even_within_a_second(place: Place, write: Write) -> None:
    """Same length, same second: compiled files would be stale."""
    for number in range(3):
        write("catalog.py", f"VALUE = {number}")
        assert loaded(place, "catalog")["VALUE"] == number
    assert not list(place.config_dir.rglob("__pycache__"))


def test_the_first_folder_that_has_a_module_counts(tmp_path: Path) -> None:
    """And modules of one find those of another."""
    for folder, text in (("a", "import other\nVALUE = other.VALUE"), ("b", "1/0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").write_text(text)
    (tmp_path / "b" / "other.py").write_text("VALUE = 7")
    modules = Modules(tmp_path / "a", tmp_path / "b")
    assert modules.find("main", "other.VALUE") == 7
    modules.forget()


async def test_what_foreign_code_raises_is_a_value() -> None:
    """Even what would end the process."""
    assert await attempted(lambda: 7) == 7
    assert isinstance(await attempted(lambda: sys.exit(3)), SystemExit)
    failed = await attempted(lambda: 1 / 0)
    assert isinstance(failed, ZeroDivisionError)
    assert place_of(failed).startswith(f"{__file__}:")


def test_types_are_found_by_their_module(place: Place, write: Write) -> None:
    """Frameworks resolve annotations by the name of the module."""
    write("models.py", "from __future__ import annotations\nclass Item:\n    other: Item\n")
    write("catalog.py", "import typing\nfrom models import Item\nhints = typing.get_type_hints(Item)\n")
    found = loaded(place, "catalog")
    assert found["hints"] == {"other": found["Item"]}


@pytest.mark.parametrize(("text", "error"), [("1/0", ZeroDivisionError), ("import nowhere", ModuleNotFoundError), ("(", SyntaxError)])
def test_what_a_module_raises_comes_out(place: Place, write: Write, text: str, error: type[Exception]) -> None:
    """And nothing of it stays behind."""
    write("catalog.py", text)
    with pytest.raises(error):
        loaded(place, "catalog")
    assert not [name for name in sys.modules if name.startswith("zconnect_app_")]
