"""Passwords: which are refused, how they are compared, and how many at a time."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher

from coaching.accounts import passwords
from coaching.accounts.passwords import Permits, find_fault, fitting_form, hash_password, is_outdated
from coaching.errors import Busy


def is_right(password: str, kept: str | None) -> bool:
    return fitting_form(password, kept) is not None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "пароль для меня",
        "🎹🎧🎤🎚️🎛️🥁🎷🎺🎸🪕",
        " spaces count too ",
        "x" * 500 + "yz",
        "only\x00odd\tsigns",
    ],
)
def test_any_characters_make_a_good_password(password: str) -> None:
    assert find_fault(password) is None
    assert is_right(password, hash_password(password))


@pytest.mark.parametrize(
    "password", ["", "short", "123456789", "1234567890", "PASSWORD123", "aaaaaaaaaaaa", "ababababab"]
)
def test_short_and_common_ones_are_refused(password: str) -> None:
    assert find_fault(password)


def test_the_limits_are_10_and_1024_characters() -> None:
    assert find_fault("kq7 vd2 wm") is None
    assert find_fault("kq7 vd2 w")
    assert find_fault("kq7 vd2 wm" * 102 + "1234") is None
    assert find_fault("kq7 vd2 wm" * 102 + "12345")


@pytest.mark.parametrize("password", ["bob@example.com", "BOB@example.com", "Nova Hart Studio"])
def test_names_everybody_would_try_are_refused(password: str) -> None:
    assert find_fault(password, ["Bob@Example.com", "Nova Hart Studio"])


def test_a_password_counts_exactly_as_typed() -> None:
    kept = hash_password("Correct Horse ")
    assert not is_right("Correct Horse", kept)
    assert not is_right("correct horse ", kept)


COMPOSED, TYPED_APART = "caf\u00e9 na\u00efve \u1ed9", "cafe\u0301 nai\u0308ve o\u0323\u0302"


def test_a_new_password_fits_however_a_keyboard_composes_it() -> None:
    for chosen in (COMPOSED, TYPED_APART):
        kept = hash_password(chosen)
        assert fitting_form(COMPOSED, kept) == fitting_form(TYPED_APART, kept) == COMPOSED


def test_an_old_password_kept_as_it_was_typed_goes_on_fitting() -> None:
    old = passwords.hashing.hasher.hash(TYPED_APART)
    assert fitting_form(TYPED_APART, old) == TYPED_APART
    assert not is_right(COMPOSED, old)


@pytest.mark.parametrize(("typed", "hashings"), [(COMPOSED, 1), (TYPED_APART, 2), ("correct horse battery", 1)])
def test_an_unknown_person_costs_as_many_hashings_as_a_known_one(
    counting: "CountingHasher", typed: str, hashings: int
) -> None:
    own, other = counting.hash(typed), counting.hash("somebody else's")
    for kept in (own, other, None):
        counting.verified = 0
        is_right(typed, kept)
        assert counting.verified == hashings


@pytest.fixture
def counting() -> Iterator["CountingHasher"]:
    before, counting = passwords.hashing.hasher, CountingHasher()
    passwords.hashing.use(counting)
    yield counting
    passwords.hashing.use(before)


class CountingHasher(PasswordHasher):
    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, *arguments: Any, **options: Any) -> Any:
        self.verified += 1
        return super().verify(*arguments, **options)


def test_the_limits_count_composed_letters() -> None:
    assert find_fault("e\u0301" * 5 + "abcd")
    assert find_fault("e\u0301" * 6 + "abcd") is None
    assert find_fault("o\u0323\u0302abcdefghi" * 102) is None
    assert find_fault("\u0301\u0316" * 100_000)  # at once


def test_it_is_argon2id_with_its_own_salt() -> None:
    assert PasswordHasher().hash("correct horse battery").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hash_password("correct horse battery") != hash_password("correct horse battery")


def test_nobodys_hash_fits_no_password() -> None:
    assert not is_right("nobody has this password", None)
    assert not is_right("", None)


def test_a_spoiled_hash_is_nobodys() -> None:
    assert not is_right("anything at all", "$argon2id$nonsense")


def test_a_hash_of_other_costs_is_outdated() -> None:
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("correct horse battery")
    assert is_outdated(dearer)
    assert not is_outdated(hash_password("correct horse battery"))


def test_an_unknown_person_costs_as_much_as_a_known_one() -> None:
    """The dummy has the same parameters, so the same work is done."""
    kept = hash_password("correct horse battery")
    assert passwords.hashing.nobodys_hash().split("$")[:4] == kept.split("$")[:4]


def test_at_most_so_many_hash_at_a_time_and_few_wait() -> None:
    permits = Permits(at_once=2, waiting=1, patience_seconds=5)
    inside, refused, most = [], [], []
    go_on = threading.Event()

    def hash_something() -> None:
        try:
            with permits.held():
                inside.append(1)
                most.append(len(inside))
                go_on.wait(5)
                inside.pop()
        except Busy:
            refused.append(1)

    threads = [threading.Thread(target=hash_something) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while len(refused) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert max(most) == 2


def test_who_waits_too_long_is_told_to_come_back() -> None:
    permits = Permits(at_once=1, waiting=1, patience_seconds=0.05)
    with permits.held(), pytest.raises(Busy), permits.held():
        pytest.fail("the permit was held")
    came_in = False
    with permits.held():
        came_in = True
    assert came_in, "the permit is free again"


@pytest.mark.parametrize(("threads", "at_once", "waiting"), [(1, 1, 0), (2, 1, 0), (4, 1, 1), (8, 1, 3), (32, 1, 15)])
def test_half_of_the_threads_are_left_for_others(threads: int, at_once: int, waiting: int) -> None:
    permits = Permits.among(threads)
    assert (permits._permits._value, permits._most_inside) == (at_once, at_once + waiting)


def test_hashing_gives_way_to_all_else() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert before < passwords.NICENESS
    assert passwords.hashing.run(lambda: os.getpriority(os.PRIO_PROCESS, 0), None) == passwords.NICENESS
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_a_place_is_one_for_all_that_its_thread_hashes() -> None:
    permits = Permits(at_once=1, waiting=0)
    permits.take_place()
    assert permits.are_all_taken
    for _ in range(2):
        with permits.held():
            assert permits._inside == 1
    with ThreadPoolExecutor(1) as other, pytest.raises(Busy):
        other.submit(permits.take_place).result()
    permits.leave_place()
    permits.leave_place()
    assert permits._inside == 0
