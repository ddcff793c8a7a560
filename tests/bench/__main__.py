"""CPU microseconds a request: our server beside its engine and the floor of Python, the same load, one run.

    ./test bench [--seconds 2] [--rounds 3] [SCENARIO ...]
    ./test bench loading        CPU of reading a large configuration, and of `server validate`
    ./test bench algorithms     CPU of a token by its algorithm: remembered, new, refused
    ./test bench workers        what a second process brings, on a machine with cores for it and for the load

User and system time of the server's threads, from the kernel's scheduler, by finished requests; the least of the rounds, which run
interleaved. Where there are two cores or more, the server has one and the load another.
"""

import argparse
import base64
import http.server
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice, repeat
from pathlib import Path

from tests.bench import algorithms
from tests.bench.keys import TOKENS, make
from tests.bench.load import window
from tests.bench.loading import report

HERE = Path(__file__).parent
CORES_FOR_WORKERS = 4  # two processes, and two of load
BASIC = "Basic " + base64.b64encode(b"bench:bench-secret").decode()


@dataclass(frozen=True)
class Scenario:
    """What is sent: `tokens` names a file, `once` uses each token a single time."""

    name: str
    what: str
    mode: str = "jwt"  # how the server is configured: jwt, basic or open
    authorization: str = ""
    tokens: str = ""
    once: bool = False
    status: int = 200


SCENARIOS = (
    Scenario("open", "no security", "open"),
    Scenario("basic", "Basic, password seen before", "basic", BASIC),
    Scenario("hot", "one hot token", tokens="hot"),
    Scenario("new", "every token new", tokens="good", once=True),
    Scenario("bad", "bad signatures, every token another", tokens="badsig", once=True, status=401),
)


@dataclass(frozen=True)
class Subject:
    """What is measured: a command that takes PORT KEYDIR TLS."""

    name: str
    command: tuple[str, ...]
    guards: bool = False


SUBJECTS = (
    Subject("floor", (sys.executable, "-m", "tests.bench.floor")),
    Subject("engine", (sys.executable, "-m", "tests.bench.engine")),
    Subject("zconnect", (str(HERE / "serve"),), guards=True),
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu(pid: int) -> float:
    """Microseconds that all threads of a process and its children have run, as the scheduler counts them: exact where ticks are coarse."""
    own = sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1000
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return own + sum(cpu(int(child)) for child in children)


def resident(pid: int) -> float:
    """Megabytes in memory."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def key_server(folder: Path) -> Iterator[str]:
    """The issuer's key set, over http."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running(subject: Subject, scenario: Scenario, tls: bool, keys: Path, jwks: str, workers: int = 1) -> Iterator[tuple[int, int]]:
    """Port and process id of a subject that answers; how long that took is printed once by `start_cost`."""
    port, kind = free_port(), "ec" if tls else "none"
    settings = {"BENCH_TLS": kind, "BENCH_AUTH": scenario.mode, "BENCH_JWKS_URL": jwks, "BENCH_WORK": str(keys)}
    settings["BENCH_WORKERS"] = str(workers)
    with (keys / f"{subject.name}.log").open("w") as log:
        process = subprocess.Popen([*subject.command, str(port), str(keys), kind], env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        wait_for(port, process, keys / f"{subject.name}.log")
        if workers == 1:
            pin(process.pid, 0)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the port is open; a process that ends before is an error."""
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended with {process.returncode}:\n{log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise SystemExit(f"{process.args!r} does not answer")


def pin(pid: int, core: int) -> None:
    """Keep server and load apart where there are cores for it."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def requests(scenario: Scenario, keys: Path, part: int = 0, parts: int = 1) -> Iterator[bytes]:
    """The requests of one window; where tokens are used once, each window has its own part of them."""
    head = b"GET /api/item HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\naccept: */*\r\n"
    if not scenario.tokens:
        line = f"authorization: {scenario.authorization}\r\n".encode() if scenario.authorization else b""
        return repeat(head + line + b"\r\n")
    tokens = (keys / "tokens" / f"{scenario.tokens}.txt").read_bytes().split()
    share = tokens[part::parts] if scenario.once else tokens
    each = [head + b"authorization: Bearer " + token + b"\r\n\r\n" for token in share]
    return iter(each) if scenario.once else cycle(each)


def context(keys: Path, tls: bool) -> ssl.SSLContext | None:
    """How the load speaks TLS."""
    return ssl.create_default_context(cafile=str(keys / "tls/ca.pem")) if tls else None


def measure(scenario: Scenario, tls: bool, keys: Path, jwks: str, seconds: float, rounds: int) -> dict[str, float]:
    """The least CPU microseconds a request of each subject, rounds interleaved."""
    least: dict[str, float] = {}
    for part in range(rounds + 1):  # the first round warms up
        for subject in SUBJECTS:
            with running(subject, scenario, tls, keys, jwks) as (port, pid):
                window(port, islice(requests(Scenario("", "", authorization=scenario.authorization), keys), 200), 1, 4, context(keys, tls))
                before = cpu(pid)
                counted = window(port, requests(scenario, keys, part, rounds + 1), seconds, tls=context(keys, tls))
                used = (cpu(pid) - before) / max(1, sum(counted.values()))
                if subject.guards and set(counted) != {scenario.status}:
                    raise SystemExit(f"{scenario.name}: {subject.name} answered {dict(counted)}")
                if part:
                    least[subject.name] = min(used, least.get(subject.name, used))
    return least


def start_cost(keys: Path, jwks: str) -> None:
    """Print what a start costs, until the port answers."""
    begun = time.monotonic()
    with running(SUBJECTS[-1], SCENARIOS[2], False, keys, jwks) as (_, pid):
        wall = (time.monotonic() - begun) * 1000
        print(f"\nstart to ready: {wall:.0f} ms wall, {cpu(pid) / 1000:.0f} ms CPU; resident {resident(pid):.0f} MB")


def workers(keys: Path, jwks: str, seconds: float) -> None:
    """Print what two processes answer beside one, under a load that needs as many cores again."""
    rates = []
    for count in (1, 2):
        with running(SUBJECTS[-1], SCENARIOS[2], False, keys, jwks, count) as (port, pid), ProcessPoolExecutor(2) as pool:
            before, begun = cpu(pid), time.monotonic()
            windows = [pool.submit(hot_window, port, keys, seconds) for _ in range(2)]
            answers = sum(each.result() for each in windows)
            rates.append(answers / (time.monotonic() - begun))
            print(f"{count} of them: {rates[-1]:8.0f} answers a second, {(cpu(pid) - before) / answers:6.1f} µs CPU each", flush=True)
    print(f"{rates[1] / rates[0]:.2f} times the answers")
    if (os.cpu_count() or 1) < CORES_FOR_WORKERS:
        print(f"This machine has {os.cpu_count()} cores and no room for the load beside two processes: only the CPU counts.")


def hot_window(port: int, keys: Path, seconds: float) -> int:
    """The answers of one window of load with one hot token."""
    return sum(window(port, requests(SCENARIOS[2], keys), seconds).values())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="test bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 8))
    parser.add_argument("scenario", nargs="*", help=" ".join(("loading", "algorithms", "workers", *(each.name for each in SCENARIOS))))
    arguments = parser.parse_args()
    alone = {"loading": report, "algorithms": algorithms.report}
    if len(arguments.scenario) == 1 and arguments.scenario[0] in alone:
        pin(0, 1)
        alone[arguments.scenario[0]]()
        return
    if arguments.scenario == ["workers"]:
        with tempfile.TemporaryDirectory() as folder, key_server(keys := Path(folder)) as jwks:
            make(keys)
            return workers(keys, jwks, arguments.seconds)
    pin(0, 1)
    with tempfile.TemporaryDirectory() as folder, key_server(keys := Path(folder)) as jwks:
        make(keys)
        names = [subject.name for subject in SUBJECTS]
        print(f"CPU µs a request, least of {arguments.rounds} rounds of {arguments.seconds:g} s ({TOKENS} tokens)\n")
        print(f"{'':44}" + "".join(f"{name:>10}" for name in names) + f"{'/ floor':>10}")
        for tls in (False, True):
            for scenario in SCENARIOS:
                if not arguments.scenario or scenario.name in arguments.scenario:
                    row = measure(scenario, tls, keys, jwks, arguments.seconds, arguments.rounds)
                    figures = "".join(f"{row[name]:10.1f}" for name in names) + f"{row['zconnect'] / row['floor']:10.1f}"
                    print(f"{scenario.what + (', TLS' if tls else ''):44}{figures}", flush=True)
        start_cost(keys, jwks)
    print()
    report()


if __name__ == "__main__":
    main()
