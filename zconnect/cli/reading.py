"""A server's configuration as a command reads it: what a start would use, or why there would be none."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zconnect.cli.action import Arguments
from zconnect.config.conflicts import REPORT
from zconnect.config.layout import Layout
from zconnect.config.load import Loaded, in_file_order, load
from zconnect.errors import ConfigurationError, Problem, Where
from zconnect.features import FEATURES, vocabulary
from zconnect.messages import Level
from zconnect.server.featurenames import mistaken
from zconnect.server.foreseen import foreseen
from zconnect.server.instance import Instance


class Reading(NamedTuple):
    """What was `loaded`, None where the configuration would stop a start.

    `problems` are what there is to say about it, `journal` is everything that happened, in its order, `layouts` are the documents
    that were read.
    """

    instance: Instance
    loaded: Loaded | None
    problems: Sequence[Problem]
    journal: Sequence[Problem]
    layouts: Mapping[str, Layout]


def read(arguments: Arguments, instance: Instance) -> Reading:
    """Read it as a start would that is given the same variables."""
    journal: list[Problem] = []
    layouts: dict[str, Layout] = {}
    try:
        loaded = load(
            instance.place,
            vocabulary(),
            environment=instance.environment,
            command_line=arguments.variables(),
            system=arguments.system,
            unread=[Problem(told, Where("server.env"), stops=True) for told in instance.unread],
            journal=journal,
            layouts=layouts,
            further=lambda configuration: [*mistaken(configuration, tuple(FEATURES)), *foreseen(configuration, instance.place)],
        )
    except ConfigurationError as refusal:
        return Reading(instance, None, _worth_telling(refusal.problems, journal, layouts), journal, layouts)
    return Reading(instance, loaded, _worth_telling(loaded.problems, journal, layouts), journal, layouts)


def _worth_telling(problems: Sequence[Problem], journal: Sequence[Problem], layouts: Mapping[str, Layout]) -> Sequence[Problem]:
    """All mistakes, and of the notices those of conflicting values, in file order."""
    mistakes = [problem for problem in problems if problem.stops or problem.level >= Level.WARNING]
    return in_file_order([*mistakes, *(problem for problem in journal if problem.told.message is REPORT)], layouts)
