"""*Add to Discord*: a round in which Discord asks which server it is, adds the bot, and tells it in its answer."""

from flask import current_app, flash, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

import clock
from blueprints.accounts import oauth
from blueprints.accounts.login import ask_for_factor, ask_to_confirm, refuse_barred, this_visit
from blueprints.accounts.oauth import Again, Arrival, Trip, TripFailed
from blueprints.saved_forms import save_form
from blueprints.signed_in import signed_in
from blueprints.web import now, safe_next
from coaching.accounts.actions import join_guild
from coaching.accounts.discord_mutations import link_discord, record_account
from coaching.accounts.models import DiscordLink
from coaching.accounts.queries import find_discord_link
from coaching.booking.queries import coming_with_room
from coaching.catalog.actions import AddedGuild, add_guild
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.errors import DiscordNotLinked, GuildNotVerified, GuildOutOfReach
from coaching.guild_rights import INVITE_RIGHTS, right_name

LACKS = 'The bot lacks {} there: {}. <a href="{}">Check my server</a> says what for.'


def ask_for_server(store: Store, *, is_same: bool) -> Response:
    """Set off to Discord's page that adds the bot, to any server or to the one the store has already."""
    person = signed_in().person
    has_account = find_discord_link(person) is not None
    # An account that is connected on the way is a new way in.
    if detour := ask_for_factor() if has_account else ask_to_confirm():
        return detour
    server_page = url_for("stores.guild", store=store.slug)
    back = safe_next(request.args.get("next"), server_page)
    save_form(back, request.form)
    fixed = store.guild.discord_guild_id if is_same and store.guild else None
    trip = Trip(
        purpose="server",
        person_id=person.id,
        next=back if len(back) <= oauth.LONGEST_NEXT else server_page,
        guild_id=fixed,
        store=store.slug,
        may_link=not has_account,
    )
    choice = {"guild_id": fixed, "disable_guild_select": "true"} if fixed else {}
    return oauth.set_off(trip, oauth.SERVER_SCOPES, permissions=INVITE_RIGHTS, **choice)


def arrive_with_server(trip: Trip, arrived: Arrival) -> None:
    """The server is the store's, and its coach a member there, or TripFailed says why not."""
    person, now, host = signed_in().person, clock.machine_now(), current_app.extensions["host"]
    store = get_own_store(person, trip.store or "")
    had = store.guild.discord_guild_id if store.guild and store.guild_verified_at else None
    if arrived.guild_id is None:
        raise TripFailed("Discord did not say which server", "Nothing was changed here. Start again.", 502)
    link, is_new = account_of(trip, arrived)
    if is_new:
        flash(f"Your Discord account {link.username} is connected. Not yours? Disconnect it in your settings.", "good")
    if arrived.may_join:
        # Who manages a server is on it, as a rule. If not, the verification says so.
        join_guild(host, link, arrived.guild_id, arrived.access_token, now)
    try:
        added = add_guild(host, store, person, arrived.guild_id, now)
    except GuildOutOfReach:
        address = url_for("stores.verify_guild", store=store.slug, next=trip.next)
        text = "Discord has added the bot, but says nothing about your server yet. Check again in a moment."
        raise TripFailed(
            "The bot is not ready yet", text, 409, Again(address, {"guild_id": arrived.guild_id})
        ) from None
    except (DiscordNotLinked, GuildNotVerified) as refusal:
        raise TripFailed("Rooms cannot be made on this server", refusal.sentence, 409) from None
    current_app.extensions["wake_rooms"]()
    say_what_came_of_it(store, added, is_same=had == added.guild_id)


def account_of(trip: Trip, arrived: Arrival) -> tuple[DiscordLink, bool]:
    """The person's Discord account, and whether it is theirs only from now on; it has to be the one that came back."""
    person, came = signed_in().person, arrived.account
    known = find_discord_link(person)
    if known is None and trip.may_link:
        link = link_discord(person, came, clock.machine_now(), this_visit())
        refuse_barred(person)
        return link, True
    if known is None or known.discord_user_id != came.user_id:
        yours = f"Yours here is {known.username}. " if known else "None is connected here any more. "
        text = f"You came back as {came.username}. {yours}Nothing was changed here. "
        way_on = "Choose “Not you?” at Discord to change accounts." if known else "Start again to connect one."
        raise TripFailed("This is another Discord account", text + way_on, 409)
    return record_account(known, came), False


def say_what_came_of_it(store: Store, added: AddedGuild, *, is_same: bool) -> None:
    """One sentence, and one more for what is still to do."""
    if added.lacking:
        names = ", ".join(right_name(right) for right in added.lacking)
        count = "one right" if len(added.lacking) == 1 else f"{len(added.lacking)} rights"
        flash(Markup(LACKS).format(count, names, url_for("operation.server_check", store=store.slug)), "warn")
    elif is_same:
        flash(f"The bot is on {added.name}, with every right it needs.", "good")
    if is_same:
        return
    sentence = f"Rooms of {store.name} are made on {added.name} now."
    if coming := coming_with_room(store, now()):
        whose = "One booked session gets its room" if coming == 1 else f"{coming} booked sessions get their rooms"
        sentence += f" {whose} there: your students have to be on it, too."
    flash(sentence, "good")
