"""What machines read that show this site to others: sitemap, robots.txt, the pictures of previews."""

from datetime import datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as AnyResponse

from blueprints.discovery.cards import Card, coach_card, product_card, site_card, store_card
from blueprints.sharing import address_of
from blueprints.signed_in import current_person
from blueprints.storefront.page import get_store
from coaching.catalog import picture_queries
from coaching.catalog import queries as catalog
from coaching.coaches.face_queries import get_portrait
from coaching.coaches.profile_queries import get_shown_coach
from coaching.directory.sitemap_queries import KINDS, count_pages, listed_pages
from coaching.errors import NotFound

blueprint = Blueprint("discovery", __name__)

# Behind a sign-in there is nothing to find. What a secret link opens is not among these: it says "noindex" itself,
# which only whoever may fetch it can read.
PRIVATE = (
    *("/admin", "/api/", "/confirm", "/dashboard", "/invitations/", "/metrics", "/products/", "/receipts"),
    *("/settings", "/store/", "/stores/"),
)
# A product's page by day and time: dozens of addresses of one page.
ASKED = ("month", "day", "starts_at", "zone", "zones", "again")
SITE = ("site", 1)
# An address, and when what it shows was changed last.
Entry = tuple[str, datetime | None]
A_DAY, AN_HOUR = 24 * 3600, 3600
FOR_GOOD, PASSING = "public, max-age=31536000, immutable", "private, no-cache"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Which addresses crawlers leave alone, and where the others are listed."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {prefix}" for prefix in PRIVATE),
        *(f"Disallow: /s/*?*{name}=" for name in ASKED),
        "",
        f"Sitemap: {address_of(url_for('.sitemap'))}",
        "",
    ]
    return _kept(Response("\n".join(lines), mimetype="text/plain"), A_DAY)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The sitemap's parts: by kind, in pages of 10,000 addresses."""
    parts = [
        *([SITE] if site_paths() else []),
        *((kind, number) for kind in KINDS for number in range(1, count_pages(kind) + 1)),
    ]
    entries: list[Entry] = [(address_of(url_for(".sitemap_part", kind=kind, part=part)), None) for kind, part in parts]
    return _xml("sitemapindex", "sitemap", entries)


@blueprint.get("/sitemap-<any(site, stores, products, coaches):kind>-<int(min=1, max=1000):part>.xml")
def sitemap_part(kind: str, part: int) -> Response:
    """One page of addresses with when they changed last."""
    entries: list[Entry] = [(address_of(path), None) for path in site_paths()] if (kind, part) == SITE else []
    if kind in KINDS:
        entries = [(address_of(path_of(kind, slugs)), at) for slugs, at in listed_pages(kind, part)]
    if not entries:
        raise NoPage
    return _xml("urlset", "url", entries)


@blueprint.get("/pictures/<code>.jpg")
def picture(code: str) -> AnyResponse:
    """A picture as previews of links show it. As long as it is not made, the picture itself."""
    try:
        stored_picture, itself, is_public = get_portrait(code), "coaches.portrait", True
    except NotFound:
        stored_picture, itself = picture_queries.get_picture(code, current_person()), "stores.picture"
        is_public = picture_queries.is_public(stored_picture)
    jpeg = picture_queries.find_share_jpeg(stored_picture)
    if jpeg is None:
        return redirect(url_for(itself, code=code), 302)
    return _jpeg(jpeg, FOR_GOOD if is_public else PASSING)


@blueprint.get("/card.jpg")
def site_picture() -> Response:
    """The drawn picture of the site itself."""
    return _card(site_card())


@blueprint.get("/s/<store>/card.jpg")
def store_picture(store: str) -> Response:
    """The drawn picture of a store without a cover."""
    return _card(store_card(get_store(store)))


@blueprint.get("/s/<store>/<product>/card.jpg")
def product_picture(store: str, product: str) -> Response:
    """The drawn picture of a product without any."""
    visible_product = catalog.get_visible_product(store, product, current_person())
    return _card(product_card(visible_product), is_public=visible_product.state == "published")


@blueprint.get("/coaches/<slug>/card.jpg")
def coach_picture(slug: str) -> Response:
    """The drawn picture of a coach without one."""
    return _card(coach_card(get_shown_coach(slug, current_person())), is_public=False)


def site_paths() -> list[str]:
    """The pages that are nobody's. On a site of one coach the front page leads to the store."""
    has_directory = current_app.extensions["settings"].has_directory
    return [url_for("landing.show"), url_for("directory.show")] if has_directory else []


def path_of(kind: str, slugs: tuple[str, ...]) -> str:
    """The page of this kind with these parts in its address."""
    if kind == "coaches":
        return url_for("coaches.show", slug=slugs[0])
    if kind == "products":
        return url_for("storefront.product", store=slugs[0], product=slugs[1])
    return url_for("storefront.store", store=slugs[0])


def _card(card: Card, *, is_public: bool = True) -> Response:
    from coaching.catalog.share_pictures import plain_card  # Pillow, for whoever asks for one

    # Its address names what is drawn: once that changes, the next preview asks for another one.
    is_lasting = is_public and request.args.get("v") == card.mark
    return _jpeg(plain_card(card.hue, card.title, card.line), FOR_GOOD if is_lasting else PASSING)


def _jpeg(jpeg: bytes, cache: str) -> Response:
    answer = make_response(jpeg)
    answer.headers["Content-Type"] = "image/jpeg"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = cache
    # It is made to be shown elsewhere: some forums let their readers' browsers fetch it from here.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _xml(root: str, element: str, entries: list[Entry]) -> Response:
    text = render_template("discovery/sitemap.xml", root=root, element=element, entries=entries)
    return _kept(Response(text, mimetype="application/xml"), AN_HOUR)


def _kept(answer: Response, seconds: int) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    return answer
