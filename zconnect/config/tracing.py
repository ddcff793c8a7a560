"""The variables of a configuration once more, telling which of them a text needs and who gives each its value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from zconnect.config.include import file_source
from zconnect.config.origins import Use, spot
from zconnect.config.properties import env_layers, option_layers, property_layers
from zconnect.config.variablefiles import folder_layers, paths_of
from zconnect.config.variables import Definition, Siblings, Variables
from zconnect.values import Place

BUILT_IN = "built-in"
BOOTSTRAP = "bootstrap.properties"
COMMAND_LINE = "command line"
SYSTEM = "-D"
ENVIRONMENT = "environment"
ATTRIBUTE = "attribute"


class Tracing(Variables):
    """The variables of a configuration, noting each that gives a value.

    `env_files` are the server.env files that were read. The files are read once more, for what each of them says.
    """

    def __init__(self, known: Variables, place: Place, env_files: Sequence[Path]) -> None:
        super().__init__(
            built_in=known.built_in,
            properties=known.properties,
            environment=known.environment,
            command_line=known.command_line,
            files=known.files,
            definitions=known.definitions,
        )
        self._used: dict[str, Use] = {}
        folders = paths_of(known.built_in["wlp.var.src.dirs"], place)

        def by_name(layers: Iterable[tuple[Path, Mapping[str, str]]]) -> dict[str, str]:
            return {name: file_source(path, place.config_dir).name for path, found in layers for name in found}

        self._properties = by_name([*property_layers(place.config_dir / BOOTSTRAP, []), *option_layers(place, [])])
        self._server_env = by_name(env_layers(env_files, {}, []))
        self._variable_files = by_name(folder_layers(folders, []))

    def used(self) -> dict[str, Use]:
        """The variables that were needed since the last asking."""
        self._got.clear()  # so that each is asked for anew
        self._replacements.clear()
        self._expanded.clear()
        found, self._used = self._used, {}
        return found

    def _symbol(self, name: str) -> str | None:
        return self._noted(name, super()._symbol(name))

    def _default(self, name: str) -> str | None:
        return self._noted(name, super()._default(name))

    def _near(self, name: str, siblings: Siblings | None, road: tuple[str, ...]) -> str | None:
        found = super()._near(name, siblings, road)
        if found is not None and name not in self._used:
            self._used[name] = Use(ATTRIBUTE)
        return found

    def _noted(self, name: str, found: str | None) -> str | None:
        if found is not None:
            source, *others = self._sources(name)
            self._used[name] = Use(source, tuple(others))
        return found

    def _sources(self, name: str) -> Iterator[str]:
        """Everybody who has a value for a name, the one that counts first."""
        if name in self.command_line:
            yield COMMAND_LINE
        if name in self.definitions and self.definitions[name].value is not None:
            yield from _said(self.definitions[name])
        if name in self.built_in:
            yield BUILT_IN
        if name in self.files:
            yield self._variable_files.get(name, "variables")
        if name in self.properties:
            yield self._properties.get(name, SYSTEM)
        if name.startswith("env.") and name[4:] in self.environment:
            yield self._server_env.get(name[4:], ENVIRONMENT)
        if name in self.definitions and self.definitions[name].value is None:
            yield from _said(self.definitions[name])


def _said(definition: Definition) -> Iterator[str]:
    yield f"{spot(definition.where)}{' as default' if definition.value is None else ''}"
    yield from map(spot, definition.overrode)
