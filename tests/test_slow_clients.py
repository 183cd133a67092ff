"""Who sends slowly holds a thread of the web server for a minute at most; no worker takes what another could."""

import runpy
import socket
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from gunicorn.config import Config

CONFIG = Path(__file__).parent.parent / "gunicorn.conf.py"


def test_a_line_is_listened_to_for_a_minute_and_answered_after_that() -> None:
    settings = runpy.run_path(str(CONFIG))
    worker_class = settings["worker_class"]
    worker = worker_class.__new__(worker_class)
    worker.pending_conns = deque()
    slow_client, slow = socket.socketpair()
    quick_client, quick = socket.socketpair()
    with closing(slow), closing(quick), closing(slow_client), closing(quick_client):
        quick.setblocking(False)
        slow.setblocking(False)
        began = {slow: monotonic() - settings["LONGEST_READ_SECONDS"] - 1, quick: monotonic()}
        worker.listening = {Connection(sock=line): since for line, since in began.items()}
        worker.murder_pending()
        assert slow.recv(1) == b""  # as if the client had ended
        slow.sendall(b"too slow")
        assert slow_client.recv(8) == b"too slow"
        quick_client.sendall(b"more")
        assert quick.recv(4) == b"more"


def test_a_worker_whose_threads_are_busy_leaves_a_connection_to_another() -> None:
    worker_class = runpy.run_path(str(CONFIG))["worker_class"]
    worker = worker_class.__new__(worker_class)
    worker.cfg, worker.nr_conns = Config(), 0
    worker.cfg.set("threads", 2)
    taken_by_another: list[socket.socket] = []
    taken: list[Any] = []
    worker.enqueue_req = taken.append
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)
        worker_class.accept.__globals__["sleep"] = lambda _: taken_by_another.append(listener.accept()[0])
        worker.listening = dict.fromkeys("ab", 0.0)
        with closing(socket.create_connection(listener.getsockname())):
            worker.accept(listener)
            assert (len(taken), len(taken_by_another)) == (0, 1)
        taken_by_another[0].close()
        worker.listening = {"a": 0.0}
        with closing(socket.create_connection(listener.getsockname())):
            worker.accept(listener)
            [connection] = taken
            connection.sock.close()
    assert len(taken_by_another) == 1


@dataclass(eq=False)
class Connection:
    """As far as this goes: something with a socket."""

    sock: socket.socket
