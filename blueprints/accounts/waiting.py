"""The call that waits for whoever signs in: what they chose on a store's page before they were asked who they are, or
what somebody's link invites them to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import session

from blueprints import saved_forms, web, zones
from blueprints.accounts.login import INVITED
from blueprints.storefront.forms import instant
from blueprints.web import route_of
from coaching.booking.invitation_queries import get_invitation, invitation_state, opens_with
from coaching.booking.invitation_rules import InvitationState
from coaching.catalog.models import Product
from coaching.catalog.queries import get_once_published_product, offers_of
from coaching.catalog.slugs import is_slug
from coaching.errors import NotFound


@dataclass(frozen=True)
class WaitingCall:
    """A call at a time that is not theirs yet."""

    title: str
    coach: str
    starts_at: datetime
    zone: str
    minutes: int | None  # unless its length is on offer no more


def find_waiting_call(address: str) -> WaitingCall | None:
    """The call whose time was chosen on the page at `address`, or that it invites to; None where there is none."""
    endpoint, values = route_of(address)
    return find_invited_call(values["code"]) if endpoint == "invitations.show" else find_chosen_call(address)


def find_invited_call(code: str) -> WaitingCall | None:
    """The call that is kept, for a browser that has followed its link."""
    try:
        invitation = get_invitation(code)
    except NotFound:
        return None
    is_open = invitation_state(invitation, web.now()) == InvitationState.OPEN
    if not is_open or not opens_with(invitation, session.get(INVITED, {}).get(code)):
        return None
    kept = invitation.coaching_session
    zone = zones.page_zone(kept.product.store.zone)
    return WaitingCall(kept.title, kept.coach.name, kept.starts_at, zone, kept.minutes)


def find_chosen_call(address: str) -> WaitingCall | None:
    """The call whose time was chosen on the page at `address`."""
    fields: Mapping[str, str] = saved_forms.peek_saved(address) or {}
    starts_at, product = instant(fields.get("starts_at", "")), find_product(address)
    if product is None or starts_at is None:
        return None
    minutes = next((offer.minutes for offer in offers_of(product) if str(offer.id) == fields.get("offer")), None)
    zone = zones.existing(fields.get("zone")) or zones.page_zone(product.store.zone)
    return WaitingCall(product.title, product.store.owner.name, starts_at, zone, minutes)


def find_product(address: str) -> Product | None:
    """The product on whose page somebody was, while it is on sale."""
    endpoint, values = route_of(address)
    slugs = (values.get("store", ""), values.get("product", ""))
    if endpoint != "storefront.product" or not all(map(is_slug, slugs)):
        return None
    try:
        product = get_once_published_product(*slugs)
    except NotFound:
        return None
    return product if product.state == "published" else None
