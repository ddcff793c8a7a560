"""Good servers with one fault each: every fault is told, on its line, with what was meant first."""

from tests.config.mutants import FOLDERS, judged, mutants, problems_of, table

SAMPLE = 3  # every third; `python -m tests.config.mutants` takes all


def test_good_servers_have_no_problems() -> None:
    """What a mutant is told for is its fault."""
    assert [problem for folder in FOLDERS for problem in problems_of(folder)] == []


def test_the_mutants_are_the_same_at_every_run() -> None:
    """A failure can be looked at again."""
    assert [mutant.text for mutant in mutants()] == [mutant.text for mutant in mutants()]


def test_every_mutant_is_told() -> None:
    """All are reported on the line of the fault, and of misspelt words at least 95 in 100 with what was meant first."""
    verdicts = list(judged(mutants()[::SAMPLE]))
    print(f"\n{table(verdicts)}")
    assert len(verdicts) >= 500
    assert [(each.mutant.edit, sorted(each.mutant.lines)) for each in verdicts if not each.placed] == []
    meant = [each.understood for each in verdicts if each.mutant.meant]
    assert sum(meant) >= 0.95 * len(meant)
