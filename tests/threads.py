"""Several threads at once, as several workers are: each on a connection of its own, none waited for without end."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from coaching.db import database

T = TypeVar("T")


def all_at_once(*acts: Callable[[], T], seconds: float = 20) -> list[T]:
    """What each act returned, in their order. The first error is raised here; so is TimeoutError when one goes on."""
    crowd = Barrier(len(acts))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, act: Callable[[], T]) -> None:
        try:
            # Before the first one connects: a database has fewer connections than some crowds have people.
            crowd.wait(timeout=seconds)
            with database.connection_context():
                results[number] = act()
        except BaseException as error:
            errors.append(error)

    # A thread that never ends must not keep the process either.
    threads = [Thread(target=run, args=numbered, daemon=True) for numbered in enumerate(acts)]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    if errors:
        raise errors[0]
    if len(results) < len(acts):
        raise TimeoutError(f"{len(acts) - len(results)} of {len(acts)} have not ended within {seconds} s")
    return [results[number] for number in range(len(acts))]


def wait_for(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Another thread has brought it about; TimeoutError when it does not come to that."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not come to that within {seconds} s")
        time.sleep(0.05)
