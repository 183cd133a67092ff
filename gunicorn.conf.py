"""How gunicorn serves: small, behind a proxy on the same machine, the app loaded once and shared."""

import gc
import os
import socket
import sys
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker

import drivers

drivers.leave_out_unused()

import logs  # noqa: E402

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 8
# Loaded before the fork: both workers share its memory, and a broken start is told at once.
preload_app = True
timeout = 30
# After this the master kills; a worker goes by itself before: what it has begun has been answered by then, or hangs.
graceful_timeout = 3
WORKERS_TIMEOUT = 2
LONGEST_LAST_WORK = 0.3  # for each of them
keepalive = 5
# The default control socket is one for all gunicorns of a user: two copies would fight over it.
control_socket_disable = True
# Forwarded headers count only by TRUSTED_PROXIES (app.py), never by who is on the line.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
accesslog = None
errorlog = "-"
loglevel = "warning"
umask = 0o077


def on_starting(server: Arbiter) -> None:
    """The page for which many come at once is compiled once, for both workers. The sandbox has none."""
    app = server.app.wsgi()
    if isinstance(app, Flask) and "door" in app.extensions:
        from blueprints import templating

        templating.make_ready(app.jinja_env, "storefront/product.html")


def when_ready(server: Arbiter) -> None:
    """What is loaded stays in memory that the workers share: collecting garbage writes to all that it looks at."""
    gc.collect()
    gc.freeze()


# So many new objects, less those that went: a page makes some thousands and leaves few, and Python looks at each 700.
COLLECTED_AFTER = 10_000


def post_worker_init(worker: ThreadWorker) -> None:
    """Half of the threads are left for whoever does not sign in, however many there are; and a rush finds all ready."""
    from coaching import db
    from coaching.accounts import passwords

    passwords.hashing.permits = passwords.Permits.among(worker.cfg.threads)
    db.keep_connections()
    gc.set_threshold(COLLECTED_AFTER)
    # The sandbox, which gunicorn serves by this file, too, has none.
    if isinstance(worker.wsgi, Flask) and (door := worker.wsgi.extensions.get("door")):
        door.make_ready()


# A picture of 10 MB on a line of 1.5 Mbit/s. gunicorn itself waits for ever, a thread for each who sends slowly.
LONGEST_READ_SECONDS = 60
# Long enough for another process to wake up, and too short for anybody to notice.
LEFT_TO_OTHERS = 0.001


class BoundedWorker(ThreadWorker):
    """Threads as gunicorn has them, but nobody is listened to for longer than a minute, and whose threads are all busy
    takes new connections after the others. Answers are still sent."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.listening: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        # From here on, and not from its turn: or those that wait in line would each get a minute after the other.
        self.listening[conn] = monotonic()
        super().enqueue_req(conn)

    def accept(self, listener: Any) -> None:
        if len(self.listening) >= self.cfg.threads:
            # Another worker, who may have threads that are not busy, comes first: browsers and proxies keep their
            # connections, which would keep this one busy and that one idle.
            sleep(LEFT_TO_OTHERS)
        super().accept(listener)

    def handle(self, conn: TConn) -> bool:
        try:
            return super().handle(conn)
        finally:
            self.listening.pop(conn, None)

    def murder_pending(self) -> None:
        # Once a second, in the thread that answers nobody.
        super().murder_pending()
        for conn, since in list(self.listening.items()):
            if monotonic() - since > LONGEST_READ_SECONDS:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


worker_class = BoundedWorker


def post_fork(server: Arbiter, worker: Worker) -> None:
    """A worker waits less long for its requests than the master waits for the worker."""
    worker.cfg.set("graceful_timeout", WORKERS_TIMEOUT)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    """A worker that has stopped is gone, whatever its threads are waiting for: Python would wait for them, too."""
    if worker.booted:
        assert isinstance(worker.wsgi, Flask)
        for finish in worker.wsgi.extensions.get("last_works", ()):
            finish(LONGEST_LAST_WORK)
        sys.stderr.flush()
        os._exit(0)


class OneForm(Logger):
    """Gunicorn's own lines look like all others, also those from before the app has read its settings."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        logs.set_up("web", is_readable=os.environ.get("DEMO") == "1")
        logs.take_over("gunicorn.error")
        logs.log_uncaught()


logger_class = OneForm
