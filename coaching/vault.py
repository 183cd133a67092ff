"""Encryption at rest: secrets and private words are sealed before they are stored. Pure. The keys are handed in.

A sealed text begins with MARK. One without it was written before there was a vault, and is read as it stands until
`flask secrets rotate` has sealed it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Literal, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

MARK = "sealed:"
UNREADABLE = "This cannot be read: the key it was encrypted with is missing."

Standing = Literal["newest", "older", "open", "unreadable"]


class Sealed(str):
    """A text that is sealed already."""


class Unreadable(str):
    """The sentence in place of a text that no key opens. Stored again, it is what it was: nothing is lost."""

    sealed: Sealed

    def __new__(cls, sealed: str) -> Self:
        sentence = super().__new__(cls, UNREADABLE)
        sentence.sealed = Sealed(sealed)
        return sentence


class Keys:
    """The keys of this process: the newest seals, all of them open."""

    def __init__(self) -> None:
        self._rings: list[Fernet] = []

    def use(self, keys: Sequence[bytes]) -> None:
        """From now on these keys hold, each of 32 bytes, the newest first."""
        self._rings = [Fernet(urlsafe_b64encode(key)) for key in keys]

    @property
    def newest(self) -> Fernet:
        if not self._rings:
            raise RuntimeError("the vault has no keys: hand them in with keys.use()")
        return self._rings[0]

    @property
    def every(self) -> MultiFernet:
        return MultiFernet([self.newest, *self._rings[1:]])


keys = Keys()


def seal(text: str) -> str:
    """The text as it may be stored; nothing is nothing, and what could not be read stays as it was."""
    if isinstance(text, Unreadable):
        return text.sealed
    if not text or isinstance(text, Sealed):
        return text
    return Sealed(MARK + keys.newest.encrypt(text.encode()).decode())


def unseal(stored: str) -> str:
    """The text that was sealed, or the sentence `Unreadable` where no key opens it."""
    if not stored.startswith(MARK):
        return stored
    try:
        return keys.every.decrypt(stored.removeprefix(MARK).encode()).decode()
    except InvalidToken:
        return Unreadable(stored)


def standing_of(stored: str) -> Standing:
    """By what the stored text can be read: the newest key, an older one, everybody, nobody."""
    if not stored.startswith(MARK):
        return "open"
    if isinstance(unseal(stored), Unreadable):
        return "unreadable"
    try:
        keys.newest.decrypt(stored.removeprefix(MARK).encode())
    except InvalidToken:
        return "older"
    return "newest"
