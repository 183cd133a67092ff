"""The directory: the coaches of this site, to be found by what they teach, price, language, rating and a free time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.directory.asked import DirectoryForm, address_of, directory_form, filter_of, kept_fields
from blueprints.discovery.cards import SITE_HUE, site_drawn
from blueprints.languages import first_weekday
from blueprints.linked_data import list_data
from blueprints.sharing import Share
from blueprints.storefront.forms import ZoneForm
from blueprints.storefront.picker import WEEKDAYS
from blueprints.web import render
from coaching.coaches.languages import language_name
from coaching.directory.filters import Filter, week_ends_at
from coaching.directory.search_queries import CoachPage, choices, count_without, find_coaches
from coaching.errors import NotFound

blueprint = Blueprint("directory", __name__)

# Whose zone nobody knows reads times in this one, and is told so.
DEFAULT_ZONE = "UTC"


@blueprint.get("/coaches", strict_slashes=False)
def show() -> AnyResponse:
    """A page of the coaches who fulfil what the address asks; for htmx the list alone."""
    if not current_app.extensions["settings"].has_directory:
        raise NotFound
    now, zone = web.now(), zones.page_zone(DEFAULT_ZONE)
    there = choices()
    week_ends = last_day_of_week(zone)
    form = directory_form(there, week_ends)
    wanted = filter_of(form, now, zone)
    coach_page = find_coaches(wanted, form.sort.data, web.asked_page(), now)
    # What the browser says of its zone is no step of the visitor's.
    is_step = request.args.get("by") != "browser"
    answer = render(
        "directory/coaches.html",
        "directory/_coaches.html",
        422 if form.errors else 200,
        form=form,
        price_hint=form.price_hint,
        is_part=web.wants_fragment(),
        is_step=is_step,
        kept=kept_fields(form),
        coach_page=coach_page,
        specialties=there.specialties,
        languages=language_name,
        is_filtered=bool(wanted.parts),
        fewer=[] if coach_page.count else ways_on(form, wanted),
        address=lambda page: address_of(form, page),
        here=address_of(form, coach_page.number),
        back=address_of(form, coach_page.number, without="zone"),
        zone=zone,
        week_ends=week_ends,
        zone_form=ZoneForm(formdata=None, zone=zone),
        is_zone_known=zones.known_zone() is not None,
        is_choosing_zone=request.args.get("zones") == "all",
        asks_browser=zones.asks_browser(),
        share=directory_share(coach_page),
    )
    if web.wants_fragment():
        answer.headers["HX-Push-Url" if is_step else "HX-Replace-Url"] = address_of(form, coach_page.number)
    return answer


def ways_on(form: DirectoryForm, wanted: Filter) -> list[tuple[str, int, str]]:
    """What leads on where nobody fulfils everything: the part to drop, how many there are then, and their address."""
    counts = count_without(wanted, web.now())
    nearest = sorted(counts.items(), key=lambda item: -item[1])
    return [(part_label(part, form), count, address_of(form, without=part)) for part, count in nearest]


def part_label(part: str, form: DirectoryForm) -> str:
    """A part of the filter as its sentence names it."""
    return {
        "specialty": f"“{form.specialty.data}”",
        "price": f"a price of at most {form.price._value()} {form.currency.data}",
        "language": language_name(form.tag),
        "rating": f"{form.stars} stars and more",
        "free": "a free time this week",
    }[part]


def last_day_of_week(zone: str) -> str:
    """The day with which this week ends for the visitor: "Sunday"."""
    ends_at = week_ends_at(web.now(), zone, first_weekday()).astimezone(ZoneInfo(zone))
    return WEEKDAYS[(ends_at - timedelta(hours=1)).weekday()]


def directory_share(coach_page: CoachPage) -> Share:
    """The directory as links to it show it: without filters, since each of them is the same list in part."""
    name = current_app.extensions["settings"].site_name
    names_with_addresses = [(card.face.name, url_for("coaches.show", slug=card.face.slug)) for card in coach_page.cards]
    return Share(
        f"Find a coach · {name}",
        "Coaches by what they teach, price, language and rating, with their next free time in your time zone.",
        url_for(".show"),
        site_drawn(),
        hue=SITE_HUE,
        data=(list_data("Coaches", names_with_addresses),) if names_with_addresses else (),
        is_indexed=coach_page.number == 1 and not request.args,
    )
