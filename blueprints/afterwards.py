"""Work that is done after the answer has gone, so that how long it takes tells nobody anything.

Whether an address is somebody's shows neither in the answer nor in its time: it is not even looked up before.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import BoundedSemaphore

from flask import Flask, Response, copy_current_request_context, current_app, g, request

from blueprints import access_log
from blueprints.web import connect
from coaching.errors import Busy

# A process does one at a time; of so many that wait the next one is told to come back.
MOST_WAITING = 50


class TooMuchWaits(Busy):
    sentence = "Many people are asking for links right now. Try again in a few seconds."
    limit = "works after answers"


def init_app(app: Flask) -> None:
    """Give this process a thread for it, which begins with the first work."""
    app.extensions["afterwards"] = Afterwards()


def do_after(answer: Response, work: Callable[[], object]) -> Response:
    """The answer, after which `work` is done, in the context of this request; or TooMuchWaits."""
    current_app.extensions["afterwards"].add(answer, work)
    return answer


class Afterwards:
    """One thread, since nobody waits for what it does. A process that is told to stop ends its work first."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="afterwards")
        self._room = BoundedSemaphore(MOST_WAITING)

    def add(self, answer: Response, work: Callable[[], object]) -> None:
        """Let the work be done once the answer has gone."""
        if not self._room.acquire(blocking=False):
            raise TooMuchWaits
        doing = copy_current_request_context(_logged(work, g.get("request_number", "")))

        def do() -> None:
            try:
                doing()
            finally:
                self._room.release()

        # Also for an answer that nobody waited for.
        answer.call_on_close(lambda: self._thread.submit(do))

    def finish(self, seconds: float) -> None:
        """What waits is done, or the time is over."""
        with suppress(TimeoutError):
            self._thread.submit(bool).result(seconds)


def _logged(work: Callable[[], object], request_number: str) -> Callable[[], None]:
    def logged() -> None:
        access_log.go_on_as(request_number)
        try:
            connect()
            work()
        except Exception:
            current_app.logger.exception("what was to be done after the answer was not done: %s", request.endpoint)

    return logged
