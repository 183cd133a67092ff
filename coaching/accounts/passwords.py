"""Passwords: which ones are refused, and how they are kept and compared (argon2id, two at a time)."""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from coaching.errors import Busy

SHORTEST = 10
LONGEST = 1024
# The longest one with its letters taken apart: a letter has up to four parts.
MOST_TYPED = 4 * LONGEST


class Turns:
    """Two hashings at a time, since each takes 64 MB; a few may wait a little, the rest are told to come back."""

    def __init__(self, places: int = 2, waiting: int = 4, patience_seconds: float = 5.0) -> None:
        self._places = BoundedSemaphore(places)
        self._patience = patience_seconds
        self._most_inside = places + waiting
        self._inside = 0
        self._lock = Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A place for as long as the block runs, or Busy."""
        self._enter()
        try:
            if not self._places.acquire(timeout=self._patience):
                raise Busy
            try:
                yield
            finally:
                self._places.release()
        finally:
            with self._lock:
                self._inside -= 1

    def _enter(self) -> None:
        with self._lock:
            if self._inside >= self._most_inside:
                raise Busy
            self._inside += 1


class Hashing:
    """What passwords are hashed with; tests make it cheap."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.use(PasswordHasher())

    def use(self, hasher: PasswordHasher) -> None:
        """Every hash from now on is made with these costs."""
        self.hasher = hasher
        self._nobodys: str | None = None

    def nobodys_hash(self) -> str:
        """A hash that no password fits and that takes as long to compare as anybody's."""
        self._nobodys = self._nobodys or self.hasher.hash("nobody has this password")
        return self._nobodys


hashing = Hashing()


def hash_password(password: str) -> str:
    """The password as it is kept: in NFC, since keyboards differ in how they compose a letter."""
    with hashing.turns.taken():
        return hashing.hasher.hash(in_nfc(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """True when the password fits; without a hash it takes as long and is false."""
    return fitting_form(password, password_hash) is not None


def fitting_form(password: str, password_hash: str | None) -> str | None:
    """The password in NFC or as it was typed, whichever fits; older hashes were made of what was typed."""
    # As many hashings whether or not somebody has this address, and whichever form fits.
    with hashing.turns.taken():
        kept = password_hash or hashing.nobodys_hash()
        fitting = [form for form in dict.fromkeys((in_nfc(password), password)) if _fits(form, kept)]
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
