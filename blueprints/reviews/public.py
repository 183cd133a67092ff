"""The reviews that everybody reads: of a coach, and of one product, ten to a page."""

from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.coaches.preview import coach_reviews_share
from blueprints.reviews.blueprint import blueprint
from blueprints.signed_in import current_person
from blueprints.storefront.previews import reviews_share
from coaching.accounts.models import Person
from coaching.catalog import queries as catalog
from coaching.catalog.models import Product
from coaching.coaches.profile_queries import find_present_slug, get_shown_coach
from coaching.reviews.models import Review
from coaching.reviews.queries import (
    author_of,
    list_reviews,
    standing_of_coach,
    standing_of_product,
)


@blueprint.get("/coaches/<slug>/reviews", strict_slashes=False)
def of_coach(slug: str) -> AnyResponse:
    """All reviews of a coach's calls; a former address leads to the present one."""
    small = slug.lower()
    if since := find_present_slug(small):
        return redirect(url_for(".of_coach", slug=since), 301)
    coach = get_shown_coach(small, current_person())
    if slug != small:
        return redirect(url_for(".of_coach", slug=small), 301)
    context = reviews_of_coach(coach.person, coach.slug)
    return web.render(
        "reviews/of_coach.html", "reviews/_reviews.html", coach=coach, share=coach_reviews_share(coach), **context
    )


@blueprint.get("/s/<store>/<product>/reviews", strict_slashes=False)
def of_product(store: str, product: str) -> AnyResponse:
    """All reviews of one product that is on sale."""
    small_store, small_product = store.lower(), product.lower()
    visible_product = catalog.get_visible_product(small_store, small_product, current_person())
    if (store, product) != (small_store, small_product):
        return redirect(url_for(".of_product", store=small_store, product=small_product), 301)
    context = reviews_of_product(visible_product)
    return web.render(
        "reviews/of_product.html",
        "reviews/_reviews.html",
        product=visible_product,
        store=visible_product.store,
        share=reviews_share(visible_product, context["standing"]),
        **context,
    )


def reviews_of_coach(person: Person, slug: str) -> dict[str, Any]:
    """What templates/reviews/_reviews.html draws of a coach."""
    return {
        "reviews": list_reviews(person, web.asked_page()),
        "standing": standing_of_coach(person),
        "reviews_href": url_for("reviews.of_coach", slug=slug),
        "names_products": True,
    }


def reviews_of_product(product: Product) -> dict[str, Any]:
    """What templates/reviews/_reviews.html draws of a product."""
    return {
        "reviews": list_reviews(product, web.asked_page()),
        "standing": standing_of_product(product),
        "reviews_href": url_for("reviews.of_product", store=product.store.slug, product=product.slug),
        "names_products": False,
    }


@blueprint.app_template_filter("author")
def author(review: Review) -> str:
    """The name under which everybody reads a review."""
    return author_of(review)
