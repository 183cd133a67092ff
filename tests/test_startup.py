"""`make run` as people meet it: it says where it is, ends with Ctrl-C, and never leaves half of itself running."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.running import HOME, LONGEST_START, Greenroom, free_ports, plain_environment


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in it."""
    data_dir = tmp_path_factory.mktemp("startup") / "loaded"
    command = [sys.executable, "-m", "flask", "demo", "load"]
    own = {"DEMO": "1", "DATA_DIR": str(data_dir)}
    subprocess.run(command, cwd=HOME, env=plain_environment() | own, check=True, capture_output=True)
    return data_dir


@pytest.fixture
def running(loaded: Path, tmp_path: Path) -> Iterator[Greenroom]:
    greenroom = Greenroom(shutil.copytree(loaded, tmp_path / "data"), free_ports())
    greenroom.wait_until_ready()
    yield greenroom
    if greenroom.process.poll() is None:
        greenroom.end()


def test_it_starts_serves_refuses_a_second_copy_ends_in_time_starts_again_and_dies_with_its_worker(
    running: Greenroom, tmp_path: Path
) -> None:
    app, sandbox = f"http://localhost:{running.port}", f"http://127.0.0.1:{running.port + 1}"
    children, text = running.children(), running.text

    assert app in text
    assert sandbox in text
    assert all(f"{name}@example.com" in text for name in ("coach", "student", "admin"))
    page = requests.get(app, timeout=30)
    assert page.status_code == 200
    assert page.headers["Content-Encoding"] == "gzip"
    assert requests.get(sandbox, timeout=30).status_code == 200

    second = Greenroom(running.data_dir, free_ports(), output=tmp_path / "second.log")
    assert second.process.wait(LONGEST_START) != 0
    assert "Another one is running" in second.text, "a second copy on the folder"

    began = time.monotonic()
    assert running.end() == 0
    assert time.monotonic() - began < 5
    assert not any(is_alive(pid) for pid in children.values())

    again = Greenroom(running.data_dir, running.port)
    again.wait_until_ready()
    assert log_ins(again.text) == log_ins(text)

    a_dead_worker_ends_the_group_and_says_so(again)


def a_dead_worker_ends_the_group_and_says_so(running: Greenroom) -> None:
    """The worker of one that runs is killed: a start of its own would cost five seconds of processor time."""
    children = running.children()

    os.kill(children["worker"], signal.SIGKILL)

    assert running.process.wait(10) != 0, "a dead worker"
    assert "worker died" in running.text
    assert "Its last lines:" in running.text
    assert not any(is_alive(pid) for pid in children.values())


def test_a_killed_parent_leaves_nobody_behind(running: Greenroom) -> None:
    children = running.children()

    running.process.kill()

    deadline = time.monotonic() + 6
    while any(is_alive(pid) for pid in children.values()):
        assert time.monotonic() < deadline, children
        time.sleep(0.1)


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        greenroom = Greenroom(tmp_path / "data", port)

        assert greenroom.process.wait(LONGEST_START) != 0
        assert f"Port {port} (PORT) is in use" in greenroom.text


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DEMO": "0"}, "APP_URL is missing"),
        ({"APP_URL": "https://greenroom.example.com"}, "APP_URL must be on this machine"),
        ({"COACH_SIGNUP": "everybody"}, "COACH_SIGNUP must be open, approval, invite or closed"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, environment: dict[str, Any], sentence: str
) -> None:
    greenroom = Greenroom(tmp_path / "data", free_ports(), **environment)

    assert greenroom.process.wait(LONGEST_START) != 0
    assert sentence in greenroom.text
    assert len(greenroom.text.splitlines()) == 1


def test_an_interrupt_that_only_make_gets_ends_everything(loaded: Path, tmp_path: Path) -> None:
    data_dir, port = shutil.copytree(loaded, tmp_path / "data"), free_ports()
    log = tmp_path / "make.log"
    with log.open("w") as output:
        make = subprocess.Popen(
            ["make", "run"],
            cwd=HOME,
            env=plain_environment() | {"PORT": str(port), "DATA_DIR": str(data_dir)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Whatever is started in a shell's background ignores interrupts, and so would all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    deadline = time.monotonic() + LONGEST_START
    while "Ctrl-C ends everything." not in log.read_text():
        assert make.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)

    make.send_signal(signal.SIGINT)

    make.wait(10)
    deadline = time.monotonic() + 5
    while is_answering(port) or is_answering(port + 1):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def log_ins(text: str) -> list[str]:
    return [line for line in text.splitlines() if "@example.com" in line]


def is_answering(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
