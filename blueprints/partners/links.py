"""The links that partners hand on, and those to their own pages, which only the browser knows that made them."""

from typing import NamedTuple

from flask import current_app, session, url_for

from blueprints.same_origin import origin_of
from coaching.catalog.queries import published_products
from coaching.pricing.models import Partner
from coaching.pricing.partner_queries import opens_with

# In the cookie: tokens of links that were made here, by their partners.
KEPT = "partner_links"
MOST = 5


class Link(NamedTuple):
    """Where a partner's link leads, and its whole address."""

    title: str
    address: str


def links_of(partner: Partner) -> list[Link]:
    """To the store, and to each of its calls that are on sale."""
    store = partner.store
    links = [Link("The store", whole(url_for("storefront.store", store=store.slug, via=partner.code)))]
    for product in published_products(store):
        address = url_for("storefront.product", store=store.slug, product=product.slug, via=partner.code)
        links.append(Link(product.title, whole(address)))
    return links


def remember(partner: Partner, token: str) -> None:
    """This browser shows the partner's own link from now on."""
    others = {partner_id: kept for partner_id, kept in session.get(KEPT, {}).items() if partner_id != str(partner.id)}
    session[KEPT] = dict([*others.items(), (str(partner.id), token)][-MOST:])


def own_link(partner: Partner) -> str | None:
    """The link to the partner's own page, as long as this browser knows the one that works."""
    token: str | None = session.get(KEPT, {}).get(str(partner.id))
    return whole(url_for("partners.own_page", token=token)) if opens_with(partner, token) else None


def whole(path: str) -> str:
    """The address to hand on."""
    return origin_of(current_app.config["APP_URL"]) + path
