"""Hints to the queue: nobody waits for one, and a queue that takes nothing lets no number of them pile up."""

import threading

from hints import MOST_WAITING, Hint, Hints


def test_nobody_waits_for_a_queue_that_takes_nothing() -> None:
    taken, opens = list[Hint](), threading.Event()

    def put(hint: Hint) -> None:
        assert opens.wait(20)
        taken.append(hint)

    hints = Hints(put)
    for number in range(MOST_WAITING + 50):
        hints.add(("watch_room", (number,)))
        hints.add(("watch_room", (0,)))  # the same again, which waits already
    assert taken == []
    assert not hints.wait_until_empty(0)

    opens.set()
    assert hints.wait_until_empty(20)
    assert taken == [("watch_room", (number,)) for number in range(MOST_WAITING)]


def test_a_hint_that_fails_is_tried_again_and_takes_no_other_with_it() -> None:
    tries = list[Hint]()

    def put(hint: Hint) -> None:
        tries.append(hint)
        if len(tries) < 2:
            raise OSError("locked")

    hints = Hints(put)
    hints.add(("wake_rooms", ()))
    hints.add(("deliver_notices", ()))

    assert hints.wait_until_empty(20)
    assert tries == [("wake_rooms", ()), ("wake_rooms", ()), ("deliver_notices", ())]
