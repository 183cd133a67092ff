"""Codes that show whose they are without a row: random letters, then a check. Pure. The keys are handed in.

With the same keys a text that is not kept is known again (`keyed_digests`).

The check is made from the random letters and an installation's id with a key of this site. Nobody else can make one
that fits, and neither can another installation that uses the same bot, or even the same key. A code from before there
were checks is shorter; it is known by its row alone.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence

# Without 0, 1, i, l, o and u: read aloud and typed on a phone, and no words come out.
CODE_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
RANDOM = 7
# One in 729 million codes that somebody makes up has a check that fits.
CHECK = 6
LENGTH = RANDOM + CHECK


class Keys:
    """The keys of this process: the newest makes checks, all of them know them again."""

    def __init__(self) -> None:
        self._keys: tuple[bytes, ...] = ()

    def use(self, keys: Sequence[bytes]) -> None:
        """Hold these keys from now on, the newest first."""
        self._keys = tuple(keys)

    @property
    def every(self) -> tuple[bytes, ...]:
        if not self._keys:
            raise RuntimeError("the marks have no keys: hand them in with keys.use()")
        return self._keys


keys = Keys()


def new_marked_code(installation: str) -> str:
    """A new code of this installation."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(RANDOM))
    return letters + _check(letters, installation, keys.every[0])


def is_marked_by(installations: Collection[str], code: str) -> bool:
    """True when one of these installations has made the code, with any of the keys of this site."""
    letters, check = code[:RANDOM], code[RANDOM:]
    fitting = (_check(letters, installation, key) for installation in installations for key in keys.every)
    # Told as bytes: whatever stands in a name may come here.
    return any(hmac.compare_digest(expected.encode(), check.encode()) for expected in fitting)


def keyed_digests(text: str) -> list[str]:
    """What the text is known by without being kept: a digest by each key of this site, the newest first."""
    # No code of ours has a line break, so nothing that is digested here is the check of one.
    message = f"known again\n{text}".encode()
    return [hmac.digest(key, message, hashlib.sha256).hex() for key in keys.every]


def _check(letters: str, installation: str, key: bytes) -> str:
    digest = hmac.digest(key, f"{installation} {letters}".encode(), hashlib.sha256)
    number, check = int.from_bytes(digest), ""
    for _ in range(CHECK):
        number, letter = divmod(number, len(CODE_LETTERS))
        check += CODE_LETTERS[letter]
    return check
