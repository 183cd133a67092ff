"""What a round trip to Discord was for: what becomes of each, once it is known who is back."""

from collections.abc import Callable

from flask import current_app, flash, redirect, url_for
from werkzeug.wrappers import Response

import clock
from blueprints.accounts.guilds import destination_of, find_store
from blueprints.accounts.login import refuse_barred, sign_in, stale_verifications, this_visit
from blueprints.accounts.oauth import Arrival, Trip, TripFailed
from blueprints.accounts.second_step import sign_in_or_ask
from blueprints.accounts.servers import arrive_with_server
from blueprints.policy import takes_new_people
from blueprints.signed_in import signed_in
from blueprints.web import now
from coaching.accounts import discord_mutations as mutations
from coaching.accounts.actions import join_guild
from coaching.accounts.models import DiscordLink
from coaching.accounts.mutations import record_verification
from coaching.accounts.queries import find_discord_link, find_link_of_account
from coaching.booking.kept_out_mutations import record_ban
from coaching.refusals import Refusal


def arrive_to_sign_in(trip: Trip, arrived: Arrival) -> Response | None:
    """The person of this Discord account is signed in; a new person for an account nobody has connected.

    Who has a second factor is asked for it first: then the page for it comes back.
    """
    known = find_link_of_account(arrived.account.user_id)
    if known:
        link_here = mutations.record_account(known, arrived.account)
        detour = sign_in_or_ask(known.person, "discord", trip.next, trip.zone)
        # Who left the site's server is not put back into it at every sign-in. Into the store's they are put at once:
        # Discord allows it for the length of this request, and its own screen has just asked.
        if trip.store:
            join_and_say(trip, arrived, link_here)
        return detour
    if not takes_new_people():
        raise TripFailed("This site takes no new accounts", text_for_strangers(arrived), 403)
    person = mutations.sign_up_with_discord(arrived.account, trip.zone, clock.machine_now(), this_visit())
    sign_in(person)
    flash(f"Welcome, {person.name}. You sign in here by your Discord account {arrived.account.username}.", "good")
    arrived_link = find_discord_link(person)
    if arrived_link:
        join_and_say(trip, arrived, arrived_link)
    return None


def text_for_strangers(arrived: Arrival) -> str:
    """What somebody reads whom nobody here knows, on a site that takes no new accounts."""
    return (
        f"Nobody here has connected the Discord account {arrived.account.username}. If you have an account by e-mail, "
        "sign in with that and connect Discord in your settings. If not, ask whoever runs this site."
    )


def arrive_to_link(trip: Trip, arrived: Arrival) -> None:
    """The Discord account is the person's, and it has joined the server they came for."""
    person = signed_in().person
    now = clock.machine_now()
    may_replace = trip.purpose == "relink"
    link_here = mutations.link_discord(person, arrived.account, now, this_visit(), may_replace=may_replace)
    refuse_barred(person)
    current_app.extensions["wake_rooms"]()
    flash(f"Your Discord account {link_here.username} is connected. Not yours? Disconnect it in your settings.", "good")
    join_and_say(trip, arrived, link_here)


def arrive_to_join(trip: Trip, arrived: Arrival) -> None:
    """The connected account has joined the server of the store."""
    link_here = own_link(arrived)
    mutations.record_account(link_here, arrived.account)
    join_and_say(trip, arrived, link_here)


def arrive_to_confirm(trip: Trip, arrived: Arrival) -> Response | None:
    """The person has just proved by Discord who they are; a code may still be asked for."""
    own_link(arrived)
    record_verification(signed_in().sign_in, clock.machine_now())
    return redirect(url_for("accounts.confirm", next=trip.next), 303) if any(stale_verifications()) else None


ARRIVALS: dict[str, Callable[[Trip, Arrival], Response | None]] = {
    "sign-in": arrive_to_sign_in,
    "link": arrive_to_link,
    "relink": arrive_to_link,
    "join": arrive_to_join,
    "confirm": arrive_to_confirm,
    "server": arrive_with_server,
}


def own_link(arrived: Arrival) -> DiscordLink:
    """The person's link, if it is that of the account that came back; else TripFailed."""
    known = find_discord_link(signed_in().person)
    if known is None or known.discord_user_id != arrived.account.user_id:
        yours = f"Yours here is {known.username}. " if known else ""
        text = f"You came back as {arrived.account.username}. {yours}Choose “Not you?” at Discord to change accounts."
        raise TripFailed("This is another Discord account", text, 409)
    return known


def join_and_say(trip: Trip, arrived: Arrival, link_here: DiscordLink) -> None:
    """The account is in the trip's guild, or a message says why not and what to do."""
    guild = destination_of(find_store(trip.store))
    # Minutes may have passed at Discord: the store may have another guild by now, or have lost its verification.
    if trip.guild_id is None or not guild.may_join or guild.guild_id != trip.guild_id:
        return
    if not arrived.may_join:
        flash("Discord was not allowed to add you to the server. Join it from the Discord card.", "warn")
        return
    host = current_app.extensions["host"]
    joining = join_guild(host, link_here, trip.guild_id, arrived.access_token, clock.machine_now())
    if joining.refusal is Refusal.BANNED:
        # Nothing else ever says so; money rests on it.
        record_ban(link_here.person, trip.guild_id, now())
    if joining.sentence:
        flash(joining.sentence, "warn")
    elif joining.is_new:
        flash(f"You joined {guild.name}.", "good")
