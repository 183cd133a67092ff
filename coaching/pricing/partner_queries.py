"""Reads of partners: those of a store, whom a link names, whose page it is."""

from peewee import fn

from coaching.accounts.tokens import digest
from coaching.catalog.models import Store
from coaching.errors import NotFound
from coaching.pricing.models import Partner, Payout
from coaching.pricing.partner_rules import PartnerDetails, plain_code


def partners_of(store: Store) -> list[Partner]:
    """The store's partners by name, those who are switched off last."""
    return list(
        Partner.select().where(Partner.store == store).order_by(Partner.is_active.desc(), fn.LOWER(Partner.name))
    )


def get_partner(store: Store, partner_id: int) -> Partner:
    """The store's partner of this number, or NotFound."""
    partner = Partner.get_or_none(Partner.store == store, Partner.id == partner_id)
    if partner is None:
        raise NotFound
    return partner


def find_partner(store: Store, code: str) -> Partner | None:
    """The store's partner with this code, switched off or not; None where there is none."""
    return Partner.get_or_none(Partner.store == store, Partner.code == code)


def kept_partner(partner: Partner) -> PartnerDetails:
    """The partner as their form ends in."""
    return PartnerDetails(partner.name, partner.code, partner.share_percent)


def find_active_partner(store: Store, typed: str) -> Partner | None:
    """Whom the code in a link names, unless they are switched off."""
    code = plain_code(typed)
    return Partner.get_or_none(Partner.store == store, Partner.code == code, Partner.is_active) if code else None


def find_by_token(token: str) -> Partner | None:
    """Whose own page this secret link opens; it works for one who is switched off, too."""
    partners = Partner.select(Partner, Store).join(Store).where(Partner.token_sha256 == digest(token))
    return next(iter(partners), None)


def opens_with(partner: Partner, token: str | None) -> bool:
    """Whether this is the link that opens the partner's page now."""
    return token is not None and partner.token_sha256 == digest(token)


def payouts_of(partner: Partner) -> list[Payout]:
    """What was paid out to the partner, the latest first."""
    return list(Payout.select().where(Payout.partner == partner).order_by(Payout.paid_on.desc(), Payout.id.desc()))
