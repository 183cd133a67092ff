"""What stands on a drawn picture, and the address by which it is asked for."""

from dataclasses import dataclass

from flask import current_app, url_for

from blueprints.sharing import SharedPicture
from coaching.catalog.models import Product, Store
from coaching.catalog.step_queries import mark_of
from coaching.coaches.models import Coach

DRAWING = 1  # one more as soon as cards are drawn otherwise
SITE_HUE = 10  # that of app.css, as near as a class comes
MOTTO = "Private Discord rooms for coaching calls"


@dataclass(frozen=True)
class Card:
    """Words on a colour."""

    hue: int
    title: str
    line: str

    @property
    def mark(self) -> str:
        """Another one for other words."""
        return mark_of(DRAWING, self.hue, self.title, self.line)


def site_card() -> Card:
    """The site's own."""
    return Card(SITE_HUE, current_app.extensions["settings"].site_name, MOTTO)


def store_card(store: Store) -> Card:
    """A store by its name."""
    return Card(store.hue, store.name, store.line or f"Coaching with {store.owner.name}")


def product_card(product: Product) -> Card:
    """A product by its title."""
    return Card(product.store.hue, product.title, product.store.name)


def coach_card(coach: Coach) -> Card:
    """A coach by their name."""
    return Card(SITE_HUE, coach.person.name, coach.headline or f"Coaching calls with {coach.person.name}")


def site_drawn() -> SharedPicture:
    """The site's card for a preview."""
    return SharedPicture(url_for("discovery.site_picture", v=site_card().mark), site_card().title)


def store_drawn(store: Store) -> SharedPicture:
    """A store's."""
    return SharedPicture(url_for("discovery.store_picture", store=store.slug, v=store_card(store).mark), store.name)


def product_drawn(product: Product) -> SharedPicture:
    """A product's."""
    mark = product_card(product).mark
    path = url_for("discovery.product_picture", store=product.store.slug, product=product.slug, v=mark)
    return SharedPicture(path, product.title)


def coach_drawn(coach: Coach) -> SharedPicture:
    """A coach's."""
    return SharedPicture(
        url_for("discovery.coach_picture", slug=coach.slug, v=coach_card(coach).mark), coach.person.name
    )
