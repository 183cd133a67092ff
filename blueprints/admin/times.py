"""Times on the admin's pages: by the admin's own clock, with UTC beside it for logs and the command line."""

from datetime import datetime

from markupsafe import Markup

from blueprints.admin.blueprint import blueprint
from blueprints.filters import iso, local_time
from blueprints.zones import page_zone


@blueprint.app_template_global()
def own_zone() -> str:
    """The zone in which all times of these pages are."""
    return page_zone("UTC")


@blueprint.app_template_filter()
def own_time(instant: datetime, style: str = "short") -> Markup:
    """The instant by the admin's clock, in UTC for whoever points at it or ticks “UTC beside each” (app.css)."""
    zone, in_utc = own_zone(), f"{local_time(instant, 'UTC', style)} UTC"
    if zone == "UTC":
        return Markup('<time datetime="{}">{}</time>').format(iso(instant), in_utc)
    local = local_time(instant, zone, style)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(instant), in_utc, local)
