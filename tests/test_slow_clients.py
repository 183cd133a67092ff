"""Whoever sends slowly holds a thread of the web server for a minute at most."""

import runpy
import socket
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

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


@dataclass(eq=False)
class Connection:
    """As far as this goes: something with a socket."""

    sock: socket.socket
