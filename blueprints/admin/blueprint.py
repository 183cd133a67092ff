"""The flow's blueprint, and what its pages share; every file with views of this flow adds its own.

Times are by the admin's own clock, with UTC beside them for logs and the command line.
"""

from datetime import datetime

from flask import Blueprint, request
from markupsafe import Markup

from blueprints.filters import iso, local_time, times_said
from blueprints.zones import page_zone
from coaching.plain_text import clean

blueprint = Blueprint("admin", __name__)
# No row has a larger number, and no database takes one as a row's.
NUMBER = "int(max=2147483647)"
PAGE_SIZE = 50
LONGEST_SEARCH = 100


def searched(name: str = "q") -> str:
    """What is searched for under this name, if anything."""
    return clean(request.args.get(name))[:LONGEST_SEARCH]


@blueprint.app_template_global()
def own_zone() -> str:
    """The zone in which all times of these pages are."""
    return page_zone("UTC")


@blueprint.app_template_filter()
def own_times(sentence: str) -> Markup:
    """What a check says, with its instants by the admin's clock."""
    return times_said(sentence, own_time)


@blueprint.app_template_filter()
def own_time(instant: datetime, style: str = "short") -> Markup:
    """The instant by the admin's clock, in UTC for whoever points at it or ticks “UTC beside each” (app.css)."""
    zone, in_utc = own_zone(), f"{local_time(instant, 'UTC', style)} UTC"
    if zone == "UTC":
        return Markup('<time datetime="{}">{}</time>').format(iso(instant), in_utc)
    local = local_time(instant, zone, style)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(instant), in_utc, local)
