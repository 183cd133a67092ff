"""Changes of second factors: set up, given at signing in or to confirm, taken away; and sign-ins that wait for one."""

from datetime import datetime, timedelta

from coaching.accounts import emails
from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.factor_queries import (
    MOST_WRONG_ANYWHERE,
    find_factor,
    find_new_secret,
    recovery_codes_left,
    wait_after_wrong_codes,
)
from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import (
    HalfSignIn,
    MergeClaim,
    NewSecret,
    Person,
    RecoveryCode,
    SecondFactor,
    SignIn,
    WrongCode,
)
from coaching.accounts.one_time_codes import (
    fitting_step,
    is_app_code,
    new_recovery_codes,
    new_secret,
    plain_code,
)
from coaching.accounts.outbox_mutations import notify_owner
from coaching.accounts.queries import basis_of, find_person, refuse_suspended
from coaching.accounts.tokens import digest, new_token
from coaching.db import database
from coaching.errors import ChangedMeanwhile, CodeRefused, NotFound, Refused
from coaching.rate_limits.limits import retry_label
from coaching.vault import Unreadable

HALF_LASTS = timedelta(minutes=10)
# An app may have to be found and installed first.
SET_UP_LASTS = timedelta(minutes=30)
NO_LONGER_SHOWN = "This picture does not count any more. Scan the one that is shown now."
NOT_OF_THIS_APP = "This code does not fit the picture. Scan it once more, then type the six digits that your app shows."
WRONG_CODE = (
    "This code does not fit, or was used before. Wait for the next one. If none ever fits, let your phone set its "
    "clock by itself."
)
NO_CODE = "This is neither a code of six digits nor one of your recovery codes that are left."
TOO_MANY = "Too many wrong codes. Those of your app count again {}. A recovery code works at once."
NO_KEY = (
    "This site has lost the key by which codes of your app are checked. Use a recovery code, or write to whoever "
    "runs it."
)
ADMINS_NEED_ONE = "Admins need a second factor. You can put another app in the place of this one, but not turn it off."


def start_half(
    person: Person, way: str, back: str, zone: str | None, now: datetime, replaces: str | None = None
) -> str:
    """The token of a half sign-in: what `way` asks for was right, and the code comes next. `replaces` is dead.

    AccountSuspended for whoever is let in nowhere.
    """
    token = new_token()
    with database.atomic():
        refuse_suspended(person)
        HalfSignIn.delete().where(HalfSignIn.ends_at <= now).execute()
        if replaces:
            drop_half(replaces)
        lifetime = HALF_LASTS
        if find_factor(person) is None:
            lifetime = SET_UP_LASTS
            _show_new_secret(token, person, now)
        HalfSignIn.create(
            token_sha256=digest(token),
            person=person,
            way=way,
            basis=basis_of(person, way),
            back=back,
            zone=zone,
            ends_at=now + lifetime,
        )
    return token


def drop_half(token: str) -> None:
    """The half sign-in is over, and so is what was shown to it."""
    HalfSignIn.delete().where(HalfSignIn.token_sha256 == digest(token)).execute()
    NewSecret.delete().where(NewSecret.holder_sha256 == digest(token)).execute()


def show_new_secret(sign_in: SignIn, token: str, now: datetime) -> None:
    """A secret is shown to this sign-in, whose token this is, until it is confirmed or half an hour has gone by."""
    with database.atomic():
        _show_new_secret(token, sign_in.person, now)


def drop_new_secret(holder: str) -> None:
    """Nothing is shown to this sign-in any more."""
    NewSecret.delete().where(NewSecret.holder_sha256 == digest(holder)).execute()


def set_up_factor(person: Person, holder: str, typed: str, now: datetime, visit: Visit = UNKNOWN) -> list[str]:
    """The app to which `holder` was shown a secret is the person's second factor; its recovery codes come back.

    `holder` is the token of a sign-in or half. ChangedMeanwhile when nothing is shown to it any more, CodeRefused for a
    code of another app. Everything else that the person had begun or was signed in to ends: no code was given there.
    """
    codes = new_recovery_codes()
    with database.atomic():
        lock_person(person)
        secret, former = find_new_secret(holder, person, now), find_factor(person)
        if secret is None:
            raise ChangedMeanwhile(NO_LONGER_SHOWN)
        step = fitting_step(secret, plain_code(typed), now)
        if step is None:
            raise CodeRefused(NOT_OF_THIS_APP)
        if former:
            former.delete_instance()
        factor = SecondFactor.create(person=person, secret=secret, last_step=step, set_up_at=now)
        _keep_codes(factor, codes)
        NewSecret.delete().where(NewSecret.person == person).execute()
        WrongCode.delete().where(WrongCode.person == person).execute()
        SignIn.delete().where(SignIn.person == person, SignIn.token_sha256 != digest(holder)).execute()
        SignIn.update(factor_at=now).where(SignIn.token_sha256 == digest(holder)).execute()
        HalfSignIn.delete().where(HalfSignIn.person == person, HalfSignIn.token_sha256 != digest(holder)).execute()
        MergeClaim.delete().where(MergeClaim.other == person).execute()
        note("second factor replaced" if former else "second factor set up", now, person, address=visit.address)
        notify_owner(person, emails.FACTOR_REPLACED if former else emails.FACTOR_SET_UP, now)
    return codes


def use_code(person: Person, holder: str, typed: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """A code of the person's app, or a recovery code, is spent; CodeRefused when it is neither.

    `now` is the machine's time, as the app's is. Wrong codes of an app are counted for the browser, by the token of its
    sign-in or half, and for the person: too many, and CodeRefused says how long none counts.
    """
    code = plain_code(typed)
    with database.atomic():
        # Of two tries at a time each sees what the other one counted.
        lock_person(person)
        factor = find_factor(person)
        if factor and not is_app_code(code) and _spend_recovery_code(factor, code):
            _notify_of_recovery(factor, now, visit)
            return
        if factor and is_app_code(code) and isinstance(factor.secret, Unreadable):
            raise CodeRefused(NO_KEY)
        wait = wait_after_wrong_codes(person, holder, now)
        if wait is None and factor and _spend_app_code(factor, code, now):
            WrongCode.delete().where(WrongCode.holder_sha256 == digest(holder)).execute()
            return
        if wait is None:
            wait = _count_wrong(person, holder, now, visit)
    # What cannot be a code of the app has nothing to wait for.
    raise CodeRefused(NO_CODE if not is_app_code(code) else TOO_MANY.format(retry_label(wait)) if wait else WRONG_CODE)


def confirm_by_code(sign_in: SignIn, holder: str, typed: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The person has just given a code in this sign-in, whose token `holder` is; or CodeRefused."""
    use_code(sign_in.person, holder, typed, now, visit)
    SignIn.update(factor_at=now).where(SignIn.id == sign_in.id).execute()
    sign_in.factor_at = now


def make_recovery_codes(person: Person, now: datetime, visit: Visit = UNKNOWN) -> list[str]:
    """New recovery codes; the former ones are worth nothing. NotFound without a second factor."""
    codes = new_recovery_codes()
    with database.atomic():
        lock_person(person)
        factor = find_factor(person)
        if factor is None:
            raise NotFound
        _keep_codes(factor, codes)
        note("new recovery codes", now, person, address=visit.address)
        notify_owner(person, emails.NEW_RECOVERY_CODES, now)
    return codes


def remove_factor(person: Person, now: datetime, visit: Visit = UNKNOWN, *, admins_need_one: bool = True) -> None:
    """The person has no second factor; Refused for an admin who needs one."""
    with database.atomic():
        lock_person(person)
        if admins_need_one and Person.get_by_id(person.id).is_admin:
            raise Refused(ADMINS_NEED_ONE)
        if _remove(person):
            SignIn.update(factor_at=None).where(SignIn.person == person).execute()
            note("second factor removed", now, person, address=visit.address)
            notify_owner(person, emails.FACTOR_REMOVED, now)


def reset_factor(email: str, now: datetime) -> tuple[Person, bool, int]:
    """The person with this address has no second factor; whether there was one, and how many sign-ins that ended.

    NotFound without a person.
    """
    with database.atomic():
        person = find_person(email)
        if person is None:
            raise NotFound(f"Nobody here has the address {email}.")
        lock_person(person)
        if not _remove(person):
            return person, False, 0
        ended: int = SignIn.delete().where(SignIn.person == person).execute()
        HalfSignIn.delete().where(HalfSignIn.person == person).execute()
        note("second factor reset by whoever runs this site", now, person)
        notify_owner(person, emails.FACTOR_RESET, now)
    return person, True, ended


def _show_new_secret(holder: str, person: Person, now: datetime) -> None:
    NewSecret.delete().where(NewSecret.ends_at <= now).execute()
    # One statement: the button may be pressed twice. What is shown already stays, for an app may have read it.
    NewSecret.insert(
        holder_sha256=digest(holder), person=person, secret=new_secret(), ends_at=now + SET_UP_LASTS
    ).on_conflict_ignore().execute()


def _spend_app_code(factor: SecondFactor, code: str, now: datetime) -> bool:
    step = fitting_step(factor.secret, code, now)
    if step is None:
        return False
    # Once only: neither this code nor an earlier one counts again.
    is_next = (SecondFactor.id == factor.id) & (SecondFactor.last_step < step)
    return bool(SecondFactor.update(last_step=step).where(is_next).execute())


def _spend_recovery_code(factor: SecondFactor, code: str) -> bool:
    is_this = (RecoveryCode.factor == factor) & (RecoveryCode.code_sha256 == digest(code))
    return bool(RecoveryCode.delete().where(is_this).execute())


def _notify_of_recovery(factor: SecondFactor, now: datetime, visit: Visit) -> None:
    left = recovery_codes_left(factor)
    note("recovery code used", now, factor.person, f"{left} left", visit.address)
    notify_owner(factor.person, emails.recovery_code_used(left), now)


def _count_wrong(person: Person, holder: str, now: datetime, visit: Visit) -> timedelta | None:
    """One more; how long none counts from now on."""
    WrongCode.delete().where(WrongCode.at <= now - MOST_WRONG_ANYWHERE[-1][0]).execute()
    WrongCode.create(person=person, holder_sha256=digest(holder), at=now)
    note("wrong code", now, person, address=visit.address)
    wait = wait_after_wrong_codes(person, holder, now)
    if wait:
        note("too many wrong codes", now, person, address=visit.address)
        notify_owner(person, emails.WRONG_CODES, now)
    return wait


def _keep_codes(factor: SecondFactor, codes: list[str]) -> None:
    RecoveryCode.delete().where(RecoveryCode.factor == factor).execute()
    RecoveryCode.insert_many([{"factor": factor, "code_sha256": digest(plain_code(code))} for code in codes]).execute()


def _remove(person: Person) -> bool:
    for table in (NewSecret, WrongCode):
        table.delete().where(table.person == person).execute()
    return bool(SecondFactor.delete().where(SecondFactor.person == person).execute())
