"""Reads of second factors, and of the sign-ins that wait for one."""

from datetime import datetime, timedelta

from peewee import Expression

from coaching.accounts.models import HalfSignIn, NewSecret, Person, RecoveryCode, SecondFactor, WrongCode
from coaching.accounts.queries import basis_of
from coaching.accounts.tokens import digest
from coaching.vault import Unreadable

# Whoever tries codes knows the password already. Three of a million fit at any time: thirty tries a day find one within
# a year in one case of thirty, and the owner is told. Recovery codes cannot be guessed: nothing holds them back.
MOST_WRONG_HERE = ((timedelta(minutes=15), 5),)
MOST_WRONG_ANYWHERE = ((timedelta(minutes=15), 10), (timedelta(days=1), 30))


def find_factor(person: Person) -> SecondFactor | None:
    """The person's second factor."""
    factor: SecondFactor | None = SecondFactor.get_or_none(SecondFactor.person == person)
    return factor


def has_factor(person: Person) -> bool:
    """True when the person has a second factor."""
    return SecondFactor.select().where(SecondFactor.person == person).exists()


def recovery_codes_left(factor: SecondFactor) -> int:
    """How many recovery codes have not been used."""
    return RecoveryCode.select().where(RecoveryCode.factor == factor).count()


def are_own_codes(person: Person, codes: list[str]) -> bool:
    """True when every one of these is a recovery code of the person's."""
    own = RecoveryCode.select().join(SecondFactor).where(SecondFactor.person == person)
    hashes = {digest(code) for code in codes}
    return bool(hashes) and own.where(RecoveryCode.code_sha256.in_(hashes)).count() == len(hashes)


def find_new_secret(holder: str, person: Person, now: datetime) -> str | None:
    """The secret that is shown to this sign-in, or half, of the person's until it is confirmed."""
    row = NewSecret.get_or_none(
        NewSecret.holder_sha256 == digest(holder), NewSecret.person == person, NewSecret.ends_at > now
    )
    return row.secret if row and not isinstance(row.secret, Unreadable) else None


def find_half(token: str, now: datetime) -> HalfSignIn | None:
    """The half of a sign-in that this token stands for, as long as what it rests on holds."""
    half = find_any_half(token)
    if half is None or half.ends_at <= now or half.basis != basis_of(half.person, half.way):
        return None
    return half


def find_any_half(token: str) -> HalfSignIn | None:
    """The same, whether it still counts or has run out."""
    halves = HalfSignIn.select(HalfSignIn, Person).join(Person)
    half: HalfSignIn | None = halves.where(HalfSignIn.token_sha256 == digest(token)).first()
    return half


def wait_after_wrong_codes(person: Person, holder: str, now: datetime) -> timedelta | None:
    """How long no code of an app counts, after too many wrong ones by this sign-in, or by all of the person's."""
    is_here, is_theirs = WrongCode.holder_sha256 == digest(holder), WrongCode.person == person
    waits = [_wait(is_here, span, most, now) for span, most in MOST_WRONG_HERE]
    waits += [_wait(is_theirs, span, most, now) for span, most in MOST_WRONG_ANYWHERE]
    return max((wait for wait in waits if wait), default=None)


def _wait(whose: Expression, span: timedelta, most: int, now: datetime) -> timedelta | None:
    wrong = WrongCode.select().where(whose, WrongCode.at > now - span).order_by(WrongCode.at.desc())
    # When the oldest of the last ones is forgotten, one may be tried again.
    decisive = wrong.offset(most - 1).limit(1).first()
    return decisive.at + span - now if decisive else None
