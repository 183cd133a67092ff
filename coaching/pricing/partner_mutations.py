"""Changes of partners: made, edited, switched off, given a new link; and what was paid out to them."""

from datetime import datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.tokens import digest, new_token
from coaching.catalog.models import Store
from coaching.db import database
from coaching.errors import ChangedMeanwhile, LimitReached, PartnerCodeTaken, Refused
from coaching.pricing.models import Partner, Payout
from coaching.pricing.partner_queries import kept_partner
from coaching.pricing.partner_rules import MOST_PARTNERS, PartnerDetails, PayoutDetails


def make_partner(store: Store, details: PartnerDetails, form_key: str, now: datetime) -> tuple[Partner, str | None]:
    """A new partner, and the token of the link to their own page, which is told this once.

    The same form sent again gives the partner, and no token.
    """
    with database.atomic():
        _queue_up(store)
        if first := find_result(store.owner, "partner", form_key):
            return Partner.get_by_id(int(first)), None
        _require_place(store)
        token = new_token()
        values = vars(details) | {"token_sha256": digest(token), "made_at": now}
        _require_free_code(store, details.code)
        partner = Partner.create(store=store, **values)
        keep_result(store.owner, "partner", form_key, str(partner.id), now)
    return partner, token


def save_partner(partner: Partner, details: PartnerDetails, seen: PartnerDetails | None = None) -> None:
    """Name, code and share are these: for bookings from now on, what is booked keeps its share.

    ChangedMeanwhile when others than `seen` are kept.
    """
    with database.atomic():
        _queue_up(partner.store)
        if seen is not None and kept_partner(Partner.get_by_id(partner.id)) not in (seen, details):
            raise ChangedMeanwhile
        _require_free_code(partner.store, details.code, but=partner)
        Partner.update(**vars(details)).where(Partner.id == partner.id).execute()


def switch_partner(partner: Partner, is_active: bool) -> None:
    """Their links count from now on, or do no more; what was booked stays theirs. Twice does no harm."""
    with database.atomic():
        _queue_up(partner.store)
        if is_active and not Partner.get_by_id(partner.id).is_active:
            _require_place(partner.store)
        Partner.update(is_active=is_active).where(Partner.id == partner.id).execute()


def replace_link(partner: Partner) -> str:
    """The token of a new link to the partner's own page; the one before leads nowhere any more."""
    token = new_token()
    Partner.update(token_sha256=digest(token)).where(Partner.id == partner.id).execute()
    return token


def record_payout(partner: Partner, details: PayoutDetails, form_key: str, now: datetime) -> None:
    """So much was paid to the partner. The same form sent again records nothing, also after it was taken back."""
    if details.amount_cents <= 0:
        raise Refused("Type how much you paid.")
    owner = partner.store.owner
    with database.atomic():
        _queue_up(partner.store)
        if not find_result(owner, "payout", form_key):
            payout = Payout.create(partner=partner, made_at=now, **vars(details))
            keep_result(owner, "payout", form_key, str(payout.id), now)


def remove_payout(partner: Partner, payout_id: int) -> None:
    """The payout was recorded by mistake. Twice does no harm."""
    Payout.delete().where(Payout.partner == partner, Payout.id == payout_id).execute()


def _queue_up(store: Store) -> None:
    Store.update(name=Store.name).where(Store.id == store.id).execute()


def _require_place(store: Store) -> None:
    if Partner.select().where(Partner.store == store, Partner.is_active).count() >= MOST_PARTNERS:
        raise LimitReached(f"A store can have at most {MOST_PARTNERS} partners. Switch one off first.")


def _require_free_code(store: Store, code: str, but: Partner | None = None) -> None:
    same = Partner.select().where(Partner.store == store, Partner.code == code)
    if (same.where(Partner.id != but.id) if but else same).exists():
        raise PartnerCodeTaken
