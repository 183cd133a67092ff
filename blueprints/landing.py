"""The front page: what Greenroom does and costs, for creators."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.discovery.cards import SITE_HUE, site_drawn
from blueprints.linked_data import site_data
from blueprints.sharing import DESCRIPTION, Share
from coaching.catalog.queries import find_only_store, has_store
from coaching.catalog.timing import DEFAULT
from coaching.rooms.planning.timeline import Timeline, timeline

DEMO_STORE = "nova"


blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
def show() -> AnyResponse:
    """The landing page; a demo leads to its store. A site without a directory is its one store, if there is one."""
    if not current_app.extensions["settings"].has_directory and (only := find_only_store()):
        return redirect(url_for("storefront.store", store=only.slug))
    has_demo_store = current_app.config["DEMO"] and has_store(DEMO_STORE)
    href = url_for("storefront.store", store=DEMO_STORE) if has_demo_store else None
    evening = example_evening()
    return web.render(
        "landing.html",
        timeline=evening,
        times=[evening.starts_at + timedelta(minutes=minutes) for minutes in (-60, 0, 60)],
        zone="UTC",
        demo_store_href=href,
        share=landing_share(),
    )


def landing_share() -> Share:
    """The site itself, by its name."""
    name = current_app.extensions["settings"].site_name
    title = f"{name}: private Discord rooms for coaching calls"
    return Share(title, DESCRIPTION, url_for(".show"), site_drawn(), hue=SITE_HUE, data=(site_data(name),))


def example_evening() -> Timeline:
    """A call from 19:00 to 20:00 this evening, with the room timing products begin with."""
    starts_at = web.now().replace(hour=19, minute=0, second=0, microsecond=0)
    return timeline(starts_at, starts_at + timedelta(hours=1), DEFAULT)
