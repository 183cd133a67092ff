"""The sign of life, against a server on loopback."""

import threading

import pytest
from flask import Flask
from werkzeug.serving import make_server

from gateways.heartbeat import ping
from tests.running import free_ports


@pytest.mark.parametrize(("status", "problem"), [(200, None), (204, None), (301, "status 301"), (500, "status 500")])
def test_only_a_good_answer_counts(status: int, problem: str | None) -> None:
    watcher = Flask("watcher")
    asked = []

    @watcher.get("/ping/<token>")
    def hear(token: str) -> tuple[str, int, dict[str, str]]:
        asked.append(token)
        return "", status, {"Location": "/elsewhere"}

    server = make_server("127.0.0.1", 0, watcher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    assert ping(f"http://127.0.0.1:{server.port}/ping/secret") == problem
    server.shutdown()
    thread.join()
    server.server_close()
    assert asked == ["secret"]


def test_nobody_there_is_said_in_a_word() -> None:
    assert ping(f"http://127.0.0.1:{free_ports()}/") == "ConnectionError"
