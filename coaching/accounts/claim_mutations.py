"""Claims: that another account is the same person's, shown in their browser by password, by Discord or by mail.

A claim belongs to the sign-in that made it. It counts in that browser alone, and ends with the sign-in.
"""

from datetime import datetime, timedelta

from coaching.accounts import emails
from coaching.accounts.details import UNKNOWN, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.mail_link_mutations import RESET_LASTS, LinkTo, mail_reset_link
from coaching.accounts.models import DiscordLink, MergeClaim, Person, SignIn
from coaching.accounts.mutations import check_password
from coaching.accounts.outbox_mutations import owe_email
from coaching.accounts.queries import basis_of, find_person, find_waiting_claim
from coaching.accounts.tokens import digest, new_token
from coaching.db import database
from coaching.errors import CannotMerge, LinkExpired, SameAccount

CLAIM_LASTS = timedelta(minutes=10)
HAS_FACTOR = (
    "The other account has a second factor. Sign in there and merge this account into it, or turn its second factor "
    "off first."
)


def claim_by_discord(sign_in: SignIn, link: DiscordLink, back: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The link's person is claimed: Discord has just said that its account is this browser's."""
    _claim(sign_in, link.person, "discord", link.discord_user_id, now, visit, back)


def claim_by_password(sign_in: SignIn, email: str, password: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The account with this address is claimed, if the password is right; else WrongCredentials."""
    other = check_password(email, password, now, visit)
    _claim(sign_in, other, "password", basis_of(other, "password"), now, visit)


def send_claim_link(
    sign_in: SignIn, email: str, link_to: LinkTo, reset_link_to: LinkTo, now: datetime, visit: Visit = UNKNOWN
) -> None:
    """If the address is somebody's, a mail to it is on its way. Whoever calls this has counted it (`take_links`).

    Whoever signed up with an address that they never verified may be a stranger to its mailbox, which then proves
    nothing: there goes the link by which its owner takes such an account over.
    """
    other = find_person(email)
    if other == sign_in.person:
        raise SameAccount
    if other is None or other.email_verified_at is None:
        mail_reset_link(email, reset_link_to, now, visit, emails.reset_to_merge)
        return
    token = new_token()
    with database.atomic():
        note("merging asked", now, other, address=visit.address)
        message, ends_at = emails.claim(link_to(token)), now + RESET_LASTS
        owe_email(str(other.email), message, f"claim:{digest(token)}", now, ends_at, other)
        waiting = {"token_sha256": digest(token), "ends_at": ends_at}
        _replace_claim(sign_in, other=other, way="mail", basis=basis_of(other, "mail"), **waiting)


def claim_by_link(sign_in: SignIn, token: str, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The account to whose address this link went is claimed; LinkExpired but for the sign-in that asked for it."""
    with database.atomic():
        waiting = find_waiting_claim(token, now)
        if waiting is None or waiting.sign_in != sign_in:
            raise LinkExpired
        _claim(sign_in, waiting.other, "mail", waiting.basis, now, visit)


def drop_claim(sign_in: SignIn) -> None:
    """Nothing is claimed by this sign-in any more."""
    MergeClaim.delete().where(MergeClaim.sign_in == sign_in).execute()


def _claim(sign_in: SignIn, other: Person, way: str, basis: str, now: datetime, visit: Visit, back: str = "") -> None:
    if other == sign_in.person:
        raise SameAccount
    if has_factor(other):
        # What shows an account to be somebody's for this is less than what lets them in there.
        raise CannotMerge(HAS_FACTOR)
    claim = {"other": other, "way": way, "basis": basis, "shown_at": now, "ends_at": now + CLAIM_LASTS}
    with database.atomic():
        _replace_claim(sign_in, **claim, back=back[:255])
        note("other account shown", now, sign_in.person, f"account {other.id}, by {way}", visit.address)


def _replace_claim(sign_in: SignIn, **values: object) -> None:
    fresh = {"token_sha256": None, "shown_at": None, "back": ""} | values
    # One statement: in two windows of one browser both may be the first.
    MergeClaim.insert(sign_in=sign_in, **fresh).on_conflict(
        conflict_target=[MergeClaim.sign_in], update={getattr(MergeClaim, name): value for name, value in fresh.items()}
    ).execute()
