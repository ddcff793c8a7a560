"""Limits for what strangers may cost."""

from zconnect.security.budget import Allowance, Budget


def test_an_allowance_comes_back_by_and_by() -> None:
    """Never more than at the beginning."""
    allowance = Allowance(2, 10.0)
    for _ in range(3):
        allowance.take(1000.0)
    assert [allowance.left(1000.0 + seconds) for seconds in (0, 20, 30, 1000)] == [-1, 1, 2, 2]


def test_one_address_does_not_shut_out_another() -> None:
    """But all together have an end."""
    budget = Budget(burst=2, pace=1.0, all_burst=3, all_pace=1.0)
    budget.charge("a", 0.0)
    budget.charge("a", 0.0)
    assert (budget.allows("a", 0.0), budget.allows("b", 0.0)) == (False, True)
    budget.charge("b", 0.0)
    assert (budget.allows("b", 0.0), budget.allows("c", 0.0)) == (False, False)
    assert budget.allows("a", 1.0)


def test_addresses_are_forgotten() -> None:
    """Ten thousand at most, however many there are."""
    budget = Budget(burst=1, pace=1e9, all_burst=10**6)
    for number in range(10_001):
        budget.charge(str(number), 0.0)
    assert (budget.allows("0", 0.0), budget.allows("1", 0.0)) == (True, False)
