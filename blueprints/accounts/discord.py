"""Discord: signing in with it, connecting it, joining servers, and the card that shows how things stand."""

from flask import current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

import clock
from blueprints import zones
from blueprints.accounts import merging, oauth
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.cards import DiscordCard, discord_card
from blueprints.accounts.discord_arrivals import ARRIVALS
from blueprints.accounts.guilds import destination_of, find_store, way_to
from blueprints.accounts.login import ask_to_confirm, fresh_sign_in_required, this_visit
from blueprints.accounts.next_pages import next_address, requested_next, waiting_page
from blueprints.accounts.oauth import Trip, TripFailed
from blueprints.accounts.trip_pages import show_failure, show_waiting
from blueprints.rate_limits import come_back
from blueprints.saved_forms import save_form
from blueprints.signed_in import current_person, signed_in
from blueprints.web import now, render, safe_next
from coaching.accounts import discord_mutations as mutations
from coaching.accounts.actions import check_membership
from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.queries import find_discord_link
from coaching.booking.queries import upcoming_sessions
from coaching.coaches.avatar_mutations import forget_avatar
from coaching.errors import LinkTaken, RateLimited, Refused
from coaching.host import HostError


@blueprint.post("/discord/sign-in")
def sign_in_with_discord() -> Response:
    """Sign in, or sign up, by a Discord account. Whoever is signed in already connects it instead."""
    person = current_person()
    return join_or_link(person) if person else start("sign-in")


@blueprint.post("/discord/link")
@login_required
def link() -> Response:
    """Connect a Discord account and join the server; who has one connected only joins."""
    return join_or_link(signed_in().person)


@blueprint.post("/discord/join")
@login_required
def join() -> Response:
    """Join the server with the connected account; without one, connect it first."""
    return join_or_link(signed_in().person)


@blueprint.get("/settings/discord")
@fresh_sign_in_required
def change_connection() -> Response:
    """What disconnecting or replacing the Discord account means, and the buttons for it."""
    if find_discord_link(signed_in().person) is None:
        return redirect(url_for("accounts.settings"), 303)
    return show_connection()


def show_connection(status: int = 200) -> Response:
    """The page; while Discord is the only way in, what has to come first, and where."""
    person = signed_in().person
    coming = sum(len(upcoming_sessions(person, role, now())) for role in ("student", "coach"))
    try:
        mutations.refuse_without_other_way_in(person)
        obstacle = None
    except Refused as error:
        obstacle = error.sentence
    return render(
        "accounts/discord.html", status=status, link=find_discord_link(person), coming=coming, obstacle=obstacle
    )


@blueprint.post("/discord/relink")
@fresh_sign_in_required
def relink() -> Response:
    """Connect another Discord account in place of the present one."""
    try:
        mutations.refuse_without_other_way_in(signed_in().person)
    except Refused:
        return show_connection(403)
    return start("relink")


@blueprint.post("/discord/unlink")
@fresh_sign_in_required
def unlink() -> Response:
    """The Discord account is the person's no longer."""
    try:
        mutations.unlink_discord(signed_in().person, clock.machine_now(), this_visit())
    except Refused:
        return show_connection(403)
    forget_avatar(signed_in().person)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    flash("Your Discord account is disconnected.", "good")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/discord/confirmation")
@login_required
def confirm_with_discord() -> Response:
    """Confirm that it is you by the connected Discord account."""
    return start("confirm")


@blueprint.get("/discord/card")
def card() -> Response:
    """The card alone; 204 as long as it looks as it did."""
    present = asked_card()
    if request.args.get("shown") == present.mark:
        return Response(status=204)
    return render_card(present)


@blueprint.post("/discord/check")
@login_required
def check() -> Response:
    """Ask Discord whether the person is in the server; htmx gets the card, others their page with what they typed."""
    person = signed_in().person
    known, guild = find_discord_link(person), destination_of(find_store(request.args.get("store")))
    problem = None
    if known and guild.guild_id:
        problem = ask_for_membership(known, guild.guild_id)
    if "HX-Request" in request.headers:
        return render_card(asked_card(), problem)
    present = asked_card()
    save_form(present.next, request.form)
    if problem:
        flash(problem, "warn")
    return redirect(present.next, 303)


def ask_for_membership(known: DiscordLink, guild_id: str) -> str | None:
    """Ask Discord whether the account is in the server; a sentence when it did not say."""
    with oauth.a_place() as has_place:
        if not has_place:
            return "Discord is slow right now, and others wait for it, too. Check again in a few seconds."
        try:
            check_membership(current_app.extensions["host"], known, guild_id, clock.machine_now())
        except HostError:
            return "Discord did not answer. Check again in a minute."
    return None


@blueprint.get("/api/auth/discord/callback")
def discord_callback() -> Response:
    """The end of every round trip: whatever happened, it is said on a page, and a state counts once."""
    trip = oauth.find_trip()
    if trip is None:
        text = "It belongs to no connection that was started in this browser, or it was used already. Start again."
        return show_failure(TripFailed("This answer from Discord does not fit", text), None)
    with oauth.a_place() as has_place:
        return arrive(trip) if has_place else show_waiting(trip)


def arrive(trip: Trip) -> Response:
    """Ask Discord who is back, and do what they set off for."""
    try:
        refuse_another_person(trip)
        with oauth.arrival() as arrived:
            detour = ARRIVALS[trip.purpose](trip, arrived)
    except TripFailed as failure:
        return show_failure(failure, trip)
    except RateLimited as error:
        return come_back(show_failure(TripFailed("Too many new accounts", error.sentence), trip), error)
    except LinkTaken as error:
        return merging.offer(trip, arrived) or show_failure(
            TripFailed("This Discord account is taken", error.sentence, 409), trip
        )
    finally:
        oauth.forget_trip()
    current_app.extensions["wake_notices"]()
    return detour or redirect(trip.next or waiting_page(), 303)


def join_or_link(person: Person) -> Response:
    """Join with the connected account, or connect one. That is a new way in, so it asks who one is."""
    if find_discord_link(person):
        return start("join")
    return ask_to_confirm() or start("link")


def start(purpose: str) -> Response:
    """Park the form the button stood in, and set off."""
    person = current_person()
    # Without a word where to, a visitor goes where something of theirs waits: that shows when they are known.
    back = safe_next(request.args.get("next"), url_for("accounts.settings")) if person else requested_next()
    way = way_to(back or next_address())
    save_form(back or next_address(), request.form)
    return oauth.set_off(
        Trip(
            purpose=purpose,
            person_id=person.id if person else None,
            next=back if len(back) <= oauth.LONGEST_NEXT else back.partition("?")[0][: oauth.LONGEST_NEXT],
            guild_id=way.guild.guild_id if way.guild.may_join else None,
            store=way.store.slug if way.store else None,
            zone=zones.zone_so_far(back or next_address()),
        )
    )


def refuse_another_person(trip: Trip) -> None:
    """TripFailed when somebody else, or nobody, is signed in by now: then it is not theirs to connect."""
    person = current_person()
    if (person.id if person else None) == trip.person_id:
        return
    oauth.forget_trip()
    text = (
        "Since you set off to Discord, this browser was signed in as somebody else. Nothing was connected."
        if person
        else "Since you set off to Discord, you were signed out here. Nothing was connected. Sign in and start again."
    )
    raise TripFailed("Somebody else is signed in now" if person else "You are signed out", text, 403)


def asked_card() -> DiscordCard:
    """The card a fragment asks for by its address."""
    args = request.args
    return discord_card(
        current_person(), find_store(args.get("store")), args.get("next", ""), args.get("form"), args.get("look")
    )


def render_card(present: DiscordCard, problem: str | None = None) -> Response:
    return render("accounts/card.html", present.fragment, card=present, problem=problem)
