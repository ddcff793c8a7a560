"""The logs of a running server, as a whole."""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.config.vocabulary import said
from zconnect.messages import audit, error, info
from zconnect.server.instance import Instance, instance_at
from zconnect.server.logs import logs_of
from zconnect.server.logsettings import Logging

logger = logging.getLogger("zconnect.test")
QUIET = info("TEST0101I", "quiet")
SEEN = audit("TEST0102I", "seen {what}")
BAD = error("TEST0103E", "bad", "mend")
PREFIX = "com.ibm.ws.logging."
NOTHING: Mapping[str, str] = {}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})


def text(instance: Instance, name: str = "messages.log") -> str:
    return (instance.place.log_dir / name).read_text()


def test_who_sees_what(instance: Instance, capfd: pytest.CaptureFixture[str]) -> None:
    """The message log has everything from INFO, the console from AUDIT; errors go to standard error."""
    with logs_of(instance, NOTHING) as logs:
        QUIET.log(logger)
        SEEN.log(logger, what="x")
        BAD.log(logger)
        logger.debug("fine")
    out, err = capfd.readouterr()
    assert (out, err) == ("[AUDIT   ] TEST0102I: seen x\n", "[ERROR   ] TEST0103E: bad\n")
    assert [number in text(instance) for number in ("TEST0101I", "TEST0102I", "TEST0103E", "fine")] == [True, True, True, False]
    assert logs.troubles == ["TEST0103E: bad"]


def test_what_is_printed_is_logged(instance: Instance, capfd: pytest.CaptureFixture[str]) -> None:
    """And shown, unless copySystemStreams says no."""
    with logs_of(instance, NOTHING):
        print("to out")
        print("to err", file=sys.stderr)
    assert capfd.readouterr() == ("to out\n", "[err] to err\n")
    assert "SystemOut" in text(instance)
    with logs_of(instance, {PREFIX + "copy.system.streams": "false"}):
        print("to out")
    assert capfd.readouterr().out == ""
    assert "to out" in text(instance)


def test_everything_is_as_before_afterwards(instance: Instance) -> None:
    """Streams, handlers and levels."""
    before = sys.stdout, sys.stderr, list(logging.getLogger().handlers), logging.getLogger().level
    with logs_of(instance, {PREFIX + "trace.specification": "made.up.*=all"}):
        assert logging.getLogger("made.up").isEnabledFor(1)
    assert (sys.stdout, sys.stderr, list(logging.getLogger().handlers), logging.getLogger().level) == before
    assert not logging.getLogger("made.up").isEnabledFor(logging.DEBUG)


LEVELS = [("INFO", 3), ("AUDIT", 2), ("WARNING", 1), ("ERROR", 1), ("OFF", 0)]


@pytest.mark.parametrize(("level", "lines"), LEVELS)
def test_levels_of_the_console(instance: Instance, capfd: pytest.CaptureFixture[str], level: str, lines: int) -> None:
    """What is less grave stays in the message log."""
    with logs_of(instance, {PREFIX + "console.log.level": level}):
        for message in (QUIET, BAD):
            message.log(logger)
        SEEN.log(logger, what="x")
    assert len("".join(capfd.readouterr()).splitlines()) == lines


def test_hidden_messages(instance: Instance, capfd: pytest.CaptureFixture[str]) -> None:
    """They go to the trace alone, and a notice says which ones they are."""
    properties = {PREFIX + "hideMessage": "TEST0102I", PREFIX + "trace.specification": "*=info:a=fine"}
    with logs_of(instance, properties):
        SEEN.log(logger, what="x")
    assert "TEST0102I: seen" not in text(instance) + capfd.readouterr().out
    assert "TEST0102I: seen" in text(instance, "trace.log")
    assert "TRAS3001I" in text(instance)


def test_a_trace_of_what_is_asked_for(instance: Instance) -> None:
    """trace.log is there only then, and has the loggers and levels of the specification."""
    with logs_of(instance, NOTHING) as logs:
        assert not (instance.place.log_dir / "trace.log").exists()
        logs.configure(Logging(trace_specification="*=info:zconnect.test=fine", given=said("tracespecification")))
        logger.debug("fine text")
        logging.getLogger("zconnect.other").debug("not asked for")
    assert "TRAS0018I" in text(instance)
    assert "fine text" in text(instance, "trace.log")
    assert "not asked for" not in text(instance, "trace.log")
    assert "fine text" not in text(instance)
    assert "trace.specification = *=info:zconnect.test=fine" in text(instance, "trace.log")


def test_the_format_can_change_while_it_runs(instance: Instance) -> None:
    """Lines before the change stay as they are."""
    with logs_of(instance, NOTHING) as logs:
        SEEN.log(logger, what="early")
        logs.configure(Logging(message_format="JSON", given=said("messageformat")))
        SEEN.log(logger, what="late")
    early, late = text(instance).splitlines()[-2:]
    assert early.startswith("[")
    assert late.startswith('{"type":"liberty_message"')


def test_another_folder_and_name(instance: Instance, tmp_path: Path) -> None:
    """logDirectory and messageFileName."""
    with logs_of(instance, NOTHING) as logs:
        given = said("logdirectory", "messagefilename")
        logs.configure(Logging(log_directory=tmp_path / "lg", message_file_name="m.log", given=given))
        SEEN.log(logger, what="x")
    assert "TEST0102I" in (tmp_path / "lg" / "m.log").read_text()


def test_the_header(instance: Instance) -> None:
    """Eighty stars, keys that readers of Liberty's logs know, eighty stars."""
    with logs_of(instance, NOTHING):
        SEEN.log(logger, what="x")
    lines = text(instance).splitlines()
    end = lines.index("*" * 80, 1)
    assert lines[0] == "*" * 80
    assert [line.partition(" = ")[0] for line in lines[1:end]][:3] == ["product", "wlp.install.dir", "server.config.dir"]


def test_a_message_that_does_not_fit_its_parameters(instance: Instance) -> None:
    """A library's mistake in logging does not become its caller's."""
    with logs_of(instance, NOTHING):
        logger.warning("%d things", "no number")
    assert "%d things ('no number',)" in text(instance)


def test_json_of_applications(instance: Instance) -> None:
    """Goes out as it is where appsWriteJson says so."""
    properties = {PREFIX + "message.format": "JSON", PREFIX + "apps.write.json": "true"}
    with logs_of(instance, properties):
        print('{"a":1}')
        print("no json")
    lines = text(instance).splitlines()
    assert lines[0] == '{"a":1}'
    assert '"message":"no json"' in lines[1]


def test_a_record_has_one_number_in_all_logs(instance: Instance, capfd: pytest.CaptureFixture[str]) -> None:
    """It counts on when the settings change."""
    with logs_of(instance, {PREFIX + "message.format": "JSON", PREFIX + "console.format": "JSON"}) as logs:
        SEEN.log(logger, what="x")
        logs.configure(Logging())
        SEEN.log(logger, what="y")
    numbers = [line.partition('"ibm_sequence":"')[2][14:27] for line in text(instance).splitlines()]
    assert numbers == ["0000000000001", "0000000000002"]
    assert [line.partition('"ibm_sequence":"')[2][14:27] for line in capfd.readouterr().out.splitlines()] == numbers


@pytest.mark.parametrize(("source", "seen"), [("message", [True, False]), ("trace", [False, True]), ("message,trace", [True, True])])
def test_a_json_console_shows_its_sources(instance: Instance, capfd: pytest.CaptureFixture[str], source: str, seen: list[bool]) -> None:
    """And no others."""
    properties = {
        PREFIX + "console.format": "JSON",
        PREFIX + "console.source": source,
        PREFIX + "trace.specification": "zconnect.test=fine",
    }
    with logs_of(instance, properties):
        SEEN.log(logger, what="x")
        logger.debug("fine text")
    out = capfd.readouterr().out
    assert ["TEST0102I" in out, "fine text" in out] == seen


def test_sources_that_json_logs_do_not_have_are_said(instance: Instance) -> None:
    """Once."""
    with logs_of(instance, {PREFIX + "message.source": "message,audit"}) as logs:
        logs.configure(Logging())
    assert text(instance).count("ZCON0858W") == 1


def test_a_full_disk_stops_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The console goes on."""
    instance = instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})
    with logs_of(instance, {PREFIX + "log.directory": "/dev", PREFIX + "message.file.name": "full"}):
        SEEN.log(logger, what="x")
    assert "TEST0102I" in capfd.readouterr().out
