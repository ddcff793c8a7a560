"""The client's side of the command channel."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.errors import Unavailable
from zconnect.server.command import ask
from zconnect.server.instance import Instance, instance_at


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    found = instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})
    found.challenges.mkdir(parents=True)
    return found


def answering(instance: Instance, *answers: str) -> Callable[[], None]:
    """A false server that answers line by line, whatever it is sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    instance.command_file.write_text(f"uuid-1:{listener.getsockname()[1]}\n")

    def serve() -> None:
        with listener, listener.accept()[0] as line, line.makefile("rw") as file:
            for answer in answers:
                file.readline()
                file.write(f"{answer}\n")
                file.flush()

    thread = threading.Thread(target=serve)
    thread.start()
    return thread.join


def test_a_challenge_cannot_name_a_file_elsewhere(instance: Instance) -> None:
    """A false server cannot have its client delete what it likes."""
    victim = instance.workarea / "victim"
    victim.write_text("x")
    done = answering(instance, "../victim")
    with pytest.raises(Unavailable, match="ZCON0851E"):
        ask(instance, "stop")
    done()
    assert victim.exists()


def test_another_server_on_the_port(instance: Instance) -> None:
    """An answer with another identifier is no answer."""
    (instance.challenges / "abc").write_text("")
    done = answering(instance, "abc", "uuid-2#0")
    with pytest.raises(Unavailable, match="ZCON0851E"):
        ask(instance, "stop")
    done()


def test_a_code_is_handed_back(instance: Instance) -> None:
    """Zero is left out by some servers."""
    for answer, code in (("uuid-1#36", 36), ("uuid-1", 0)):
        (instance.challenges / "abc").write_text("")
        done = answering(instance, "abc", answer)
        assert ask(instance, "pause", "x,y") == code
        done()


@pytest.mark.parametrize("text", [None, "", "uuid-1:1", "uuid-1:99999999"])
def test_nobody_answers(instance: Instance, text: str | None) -> None:
    """No file, nonsense in it, a port that is closed."""
    if text is not None:
        instance.command_file.write_text(text)
    with pytest.raises(Unavailable, match="ZCON0851E"):
        ask(instance, "stop")


def test_a_challenge_that_cannot_be_deleted(instance: Instance) -> None:
    """The message names the file."""
    done = answering(instance, "abc")
    with pytest.raises(Unavailable, match=r"ZCON0852E.*abc"):
        ask(instance, "stop")
    done()
