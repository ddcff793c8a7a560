"""Problems and refusals say what they are about."""

from zconnect.errors import ConfigurationError, Problem, Refused, Where
from zconnect.messages import error

BAD = error("TEST0001E", "{word} is no duration.", "Write a number and a unit.")


def test_a_problem_tells_number_place_path_what_and_mend() -> None:
    """In this order, with the nearest names before the mend."""
    problem = Problem(BAD(word="5x"), Where("server.xml", 12, 3), "/server/a/@b", ("5s",))
    expected = "TEST0001E  server.xml:12:3  /server/a/@b\n  5x is no duration.\n  Did you mean 5s?\n  Write a number and a unit."
    assert str(problem) == expected


def test_all_problems_stand_in_the_error() -> None:
    """One run tells everything."""
    problems = [Problem(BAD(word=word)) for word in ("a", "b")]
    assert all(f"{word} is no" in str(ConfigurationError(problems)) for word in ("a", "b"))


def test_a_refusal_keeps_its_reason_from_the_caller() -> None:
    """The reason is for log and audit; the body is what the caller gets."""
    refusal = Refused(403, BAD(word="x"), body=b"no")
    assert (refusal.status, refusal.body) == (403, b"no")
    assert "TEST0001E" in refusal.reason


def test_a_document_as_a_whole_has_no_line() -> None:
    """Zero means: not known."""
    assert str(Where("server.xml")) == "server.xml"
