"""A coach's outside calendars: which there are, how they fare; adding, changing, reading again and removing one."""

from flask import Blueprint, Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import zones
from blueprints.calendars.forms import CalendarForm, NewCalendarForm
from blueprints.calendars.page import LOOK_EVERY, calendar_views, view_of
from blueprints.rate_limits import come_back
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import both_clocks, now, render
from coaching.accounts.limit_mutations import take
from coaching.accounts.models import Person
from coaching.calendars import mutations
from coaching.calendars.models import Feed
from coaching.calendars.mutations import MOST_FEEDS
from coaching.calendars.queries import get_own_feed
from coaching.catalog.queries import stores_of
from coaching.errors import LimitReached, NotFound, RateLimited
from coaching.rate_limits.limits import CALENDARS_ASKED, Use

blueprint = Blueprint("calendars", __name__, url_prefix="/dashboard/calendars")


@blueprint.get("")
@login_required
def show() -> Response:
    """The coach's outside calendars, and the form that adds one."""
    return draw(NewCalendarForm(take_saved()))


@blueprint.post("")
@login_required
def add() -> AnyResponse:
    """What stands in the calendar counts as busy, as soon as it is read."""
    coach, form = get_coach(), NewCalendarForm()
    if not form.validate():
        return draw(form, 422)
    try:
        count_asking(coach)
        mutations.add_feed(
            coach, form.name.data, form.address.data, form.stale_after_minutes.data, form.form_key.data, now()
        )
    except LimitReached as error:
        return draw(form, 422, refused=error.sentence)
    except RateLimited as error:
        form.address.errors = [error.sentence]
        return come_back(draw(form), error)
    current_app.extensions["wake_calendars"]()
    return redirect(url_for(".show"), 303)


@blueprint.get("/<code>")
@login_required
def edit(code: str) -> Response:
    """One calendar's name, address and age."""
    feed = get_own_feed(get_coach(), code)
    values = {"name": feed.name, "stale_after_minutes": feed.stale_after_minutes}
    return draw_one(feed, CalendarForm(take_saved(), **values))


@blueprint.post("/<code>")
@login_required
def save(code: str) -> AnyResponse:
    """The calendar is called so, may be so old, and is read from another address if one was given."""
    coach = get_coach()
    feed, form = get_own_feed(coach, code), CalendarForm()
    form.offer_age(feed.stale_after_minutes)
    if not form.validate():
        return draw_one(feed, form, 422)
    address = form.address.data or None
    try:
        if address:
            count_asking(coach)
    except RateLimited as error:
        form.address.errors = [error.sentence]
        return come_back(draw_one(feed, form), error)
    mutations.save_feed(feed, form.name.data, form.stale_after_minutes.data, address, now())
    if address:
        current_app.extensions["wake_calendars"]()
    flash("Saved.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<code>/reading")
@login_required
def read_again(code: str) -> AnyResponse:
    """The calendar is read now."""
    coach = get_coach()
    feed = get_own_feed(coach, code)
    try:
        count_asking(coach)
    except RateLimited as error:
        return come_back(draw(NewCalendarForm(None), refused=error.sentence), error)
    if mutations.read_again(feed, now()):
        current_app.extensions["wake_calendars"]()
    else:
        flash(f"“{feed.name}” was asked for a moment ago. Try again in half a minute.", "info")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<code>/removal")
@login_required
def remove(code: str) -> AnyResponse:
    """What stands in the calendar does not count as busy any more."""
    feed = get_own_feed(get_coach(), code)
    mutations.remove_feed(feed, now())
    flash(f"“{feed.name}” is removed. What stands in it does not count as busy any more.", "good")
    return redirect(url_for(".show"), 303)


def get_coach() -> Person:
    """Whoever is signed in, if they have a store; to all others there is nothing here."""
    person = signed_in().person
    if not stores_of(person):
        raise NotFound
    return person


def count_asking(coach: Person) -> None:
    """Nobody has foreign servers asked without end from here; RateLimited when it is too much."""
    take([Use(CALENDARS_ASKED, str(coach.id))], both_clocks().machine, coach)


def draw(form: NewCalendarForm, status: int = 200, refused: str = "") -> Response:
    """The page; its list alone where it draws itself again."""
    coach, at = signed_in().person, now()
    calendars = calendar_views(coach, at)
    return render(
        "calendars/show.html",
        "calendars/_calendars.html",
        status,
        form=form,
        refused=refused,
        calendars=calendars,
        has_store=bool(stores_of(coach)),
        has_room=len(calendars) < MOST_FEEDS,
        look_every=LOOK_EVERY if any(calendar.is_awaited for calendar in calendars) else None,
        zone=zones.page_zone("UTC"),
        at=at,
    )


def draw_one(feed: Feed, form: CalendarForm, status: int = 200) -> Response:
    form.offer_age(feed.stale_after_minutes)
    return render("calendars/edit.html", status=status, calendar=view_of(feed, now()), form=form)
