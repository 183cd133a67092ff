"""A creator's stores: opening one, its home, its settings, its Discord server; and the pictures of all stores."""

from dataclasses import replace
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints import zones
from blueprints.accounts.cards import discord_card
from blueprints.accounts.login import ask_for_factor
from blueprints.accounts.oauth import a_place
from blueprints.accounts.servers import ask_for_server
from blueprints.differences import between
from blueprints.policy import coach_signup
from blueprints.saved_forms import take_saved, with_field
from blueprints.signed_in import current_person, signed_in
from blueprints.stores import listing
from blueprints.stores.blueprint import blueprint
from blueprints.stores.forms import ACCESS_MODES, AccessForm, GuildForm, NewStoreForm, StoreSettingsForm, settings_words
from blueprints.web import now, render, safe_next
from clock import machine_now
from coaching.accounts.mutations import keep_first_zone
from coaching.accounts.queries import find_discord_link
from coaching.booking.queries import coming_with_room
from coaching.catalog import actions, guild_mutations, queries, store_mutations
from coaching.catalog.details import MOST_STORES, StoreDetails
from coaching.catalog.models import Store
from coaching.catalog.picture_queries import get_picture, is_public
from coaching.catalog.step_queries import kept_settings, store_version
from coaching.coaches.standing_queries import may_open_store
from coaching.coaches.store_mutations import open_store
from coaching.errors import (
    AddressInUse,
    ChangedMeanwhile,
    CoachStopped,
    DiscordNotLinked,
    GuildNotVerified,
    LimitReached,
    NotACoach,
    NotFound,
    Refused,
)
from coaching.guild_rights import NEEDED_RIGHTS, right_name
from coaching.pricing.code_mutations import save_store
from coaching.rooms.views.queries import find_shared_code

VIEWS = (listing,)
__all__ = ["VIEWS", "blueprint"]


@blueprint.get("/stores/new")
@login_required
def new() -> AnyResponse:
    """The form that opens a store; whoever may not is led to what they can do."""
    if not may_open_store(signed_in().person, coach_signup()):
        return redirect(url_for("becoming.apply"), 303)
    return show_new(NewStoreForm(take_saved(), zone=zones.known_zone()))


@blueprint.post("/stores/new")
@login_required
def create() -> AnyResponse:
    """A new store of the signed-in person."""
    form = NewStoreForm()
    if not form.validate():
        return show_new(form, 422)
    person = signed_in().person
    try:
        store = open_store(person, form.details(), form.form_key.data, coach_signup(), now())
    except (NotACoach, CoachStopped) as error:
        form.form_errors = [error.sentence]
        return show_new(form, 403)
    except AddressInUse as error:
        form.slug.errors = [error.sentence]
        return show_new(form, 422)
    keep_first_zone(person, store.zone)
    return redirect(url_for(".home", store=store.slug), 303)


@blueprint.post("/stores/new/address")
@login_required
def suggest_address() -> Response:
    """The address field with a suggestion made from the name; nothing is kept."""
    form = NewStoreForm()
    form.suggest_slug()
    return render("stores/new.html", "stores/_address_field.html", form=form, has_room=True)


@blueprint.get("/store/<store>")
@login_required
def home(store: str) -> Response:
    """The creator's own store: its products by state, and its Discord server."""
    own = queries.get_own_store(signed_in().person, store)
    products = queries.products_of_store(own)
    return render(
        "stores/home.html",
        store=own,
        products=products,
        on_sale=queries.on_sale(own),
        archived=queries.archived_products(own),
        offers=queries.offers_by_product(products),
        **guild_context(own, take_saved()),
    )


@blueprint.get("/store/<store>/settings")
@login_required
def settings(store: str) -> Response:
    """The store's settings."""
    own, saved = queries.get_own_store(signed_in().person, store), take_saved()
    return show_settings(own, StoreSettingsForm(saved, obj=own), seen=saved.get("seen") if saved else None)


@blueprint.post("/store/<store>/settings")
@login_required
def save_settings(store: str) -> AnyResponse:
    """The store has these settings."""
    own, form = queries.get_own_store(signed_in().person, store), StoreSettingsForm()
    if not form.validate():
        return show_settings(own, form, 422, seen=form.seen.data)
    details = replace(form.details(), slug=own.slug)
    try:
        save_store(own, details, now(), form.seen.data)
    except LimitReached as refusal:
        form.picture.errors = [refusal.sentence]
        return show_settings(own, form, 422, seen=form.seen.data)
    except ChangedMeanwhile:
        kept = queries.get_own_store(signed_in().person, store)
        yours, saved = settings_words(details), settings_words(kept_settings(kept))
        if kept.cover_id != own.cover_id or details.cover or details.removes_cover:
            yours, saved = yours | {"Cover": cover_label(details)}, saved | {"Cover": "As shown below"}
        return show_settings(kept, form, 409, differences=between(yours, saved))
    flash("Saved.", "good")
    return redirect(url_for(".home", store=own.slug), 303)


@blueprint.get("/store/<store>/guild")
@login_required
def guild(store: str) -> Response:
    """The store's Discord server."""
    return show_guild(queries.get_own_store(signed_in().person, store))


@blueprint.post("/store/<store>/guild-invitation")
@login_required
def invite_bot(store: str) -> AnyResponse:
    """Off to Discord, which asks to which server the bot is to be added, or asks for the store's present one."""
    own = queries.get_own_store(signed_in().person, store)
    return ask_for_server(own, is_same=request.args.get("guild") == "same")


@blueprint.post("/store/<store>/guild-verification")
@login_required
def verify_guild(store: str) -> AnyResponse:
    """The store's rooms are made in this Discord server, if the creator may decide for it."""
    own, form = queries.get_own_store(signed_in().person, store), GuildForm()
    if not form.validate():
        return show_guild(own, form, 422)
    if detour := ask_for_factor():
        return detour
    try:
        with a_place() as has_place:
            if not has_place:
                raise GuildNotVerified(
                    "Discord is slow right now, and others wait for it, too. Try again in a few seconds."
                )
            host = current_app.extensions["host"]
            actions.verify_guild(host, own, signed_in().person, form.guild_id.data, machine_now())
    except (DiscordNotLinked, GuildNotVerified) as refusal:
        form.guild_id.errors = [refusal.sentence]
        return show_guild(own, form, 422)
    current_app.extensions["wake_rooms"]()
    return redirect(safe_next(request.args.get("next"), url_for(".guild", store=own.slug)), 303)


@blueprint.post("/store/<store>/guild-proof")
@login_required
def old_verify_guild(store: str) -> AnyResponse:
    """Where the form of a page from before an update goes: it is sent on with all that it holds."""
    own = queries.get_own_store(signed_in().person, store)
    return redirect(url_for(".verify_guild", store=own.slug, next=request.args.get("next")), 308)


@blueprint.post("/store/<store>/access-mode")
@login_required
def set_access_mode(store: str) -> AnyResponse:
    """Rooms of the store let people in in this way from now on."""
    own, form = queries.get_own_store(signed_in().person, store), AccessForm()
    if not form.validate():
        form.access_mode.errors = ["Choose one of the three."]
        return show_guild(own, status=422, access=form)
    try:
        store_mutations.set_access_mode(own, form.access_mode.data, now(), form.seen.data)
    except ChangedMeanwhile:
        kept = ACCESS_MODES[own.access_mode]
        form.access_mode.errors = [f"Another window has saved “{kept}” meanwhile. Save again if yours is to hold."]
        return show_guild(own, status=409, access=form)
    except Refused as refusal:
        form.access_mode.errors = [refusal.sentence]
        return show_guild(own, status=422, access=form)
    coming = coming_with_room(own, now())
    flash("Saved." + (f" {planned_anew(coming)}" if coming else ""), "good")
    current_app.extensions["wake_rooms"]()
    return redirect(url_for(".guild", store=own.slug), 303)


@blueprint.post("/store/<store>/site-guild")
@login_required
def ask_for_site_guild(store: str) -> AnyResponse:
    """The store waits for an admin to let it use the site's own server."""
    own = queries.get_own_store(signed_in().person, store)
    if site_guild_id() is None:
        raise NotFound
    guild_mutations.ask_for_site_guild(own, now())
    return redirect(url_for(".guild", store=own.slug), 303)


@blueprint.get("/pictures/<code>.webp")
def picture(code: str) -> Response:
    """A picture's bytes; the address never shows another picture, so it may be kept for good."""
    stored_picture = get_picture(code, current_person())
    answer = make_response(stored_picture.webp)
    answer.headers["Content-Type"] = "image/webp"
    answer.headers["Content-Disposition"] = 'inline; filename="picture.webp"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    whose = "public" if is_public(stored_picture) else "private"
    answer.headers["Cache-Control"] = f"{whose}, max-age=31536000, immutable"
    return answer


def show_new(form: NewStoreForm, status: int = 200) -> Response:
    """The page that opens a store, or says that there are enough."""
    has_room = len(queries.stores_of(signed_in().person)) < MOST_STORES
    return render("stores/new.html", status=status, form=form, has_room=has_room)


def cover_label(details: StoreDetails) -> str:
    """What a form does about the cover."""
    if details.cover:
        return "A new one: choose it once more"
    return "Removed" if details.removes_cover else "Left as it was"


def show_settings(
    store: Store, form: StoreSettingsForm, status: int = 200, seen: str | None = None, **context: Any
) -> Response:
    """The store's settings; `seen` marks what the page showed before, if that was another page than this one."""
    form.seen.data = seen or store_version(store)
    return render("stores/settings.html", status=status, store=store, form=form, **context)


def show_guild(
    store: Store, form: GuildForm | None = None, status: int = 200, access: AccessForm | None = None
) -> Response:
    """The page about the store's Discord server, and who gets into its rooms."""
    saved = take_saved()
    return render(
        "stores/guild.html",
        "stores/_access.html" if access else "stores/_guild.html",
        status,
        store=store,
        access=access or AccessForm(formdata=with_field(saved, "access_mode"), obj=store, seen=store.access_mode),
        coming=coming_with_room(store, now()),
        shared_code=find_shared_code(store),
        **guild_context(store, saved, form),
    )


def planned_anew(count: int) -> str:
    """How many sessions that are booked already a new way in concerns."""
    if count == 1:
        return "The one session to come gets its room this way; if that is open now, it stays as it is."
    return f"{count} sessions to come get their rooms this way; a room that is open now stays as it is."


def guild_context(store: Store, saved: MultiDict[str, str] | None, form: GuildForm | None = None) -> dict[str, Any]:
    """What _guild.html lists; `saved` is what was typed on the page before."""
    return {
        "form": form or GuildForm(with_field(saved, "guild_id"), guild_id=known_guild_id(store)),
        "link": find_discord_link(store.owner),
        "card": discord_card(store.owner, store, url_for(".guild", store=store.slug), form="guild-verification"),
        "has_site_guild": site_guild_id() is not None,
        "rights": [(right_name(right), reason) for right, reason in NEEDED_RIGHTS.items()],
    }


def known_guild_id(store: Store) -> str | None:
    """The id to offer in the form: the store's own guild, else the site's."""
    return store.guild.discord_guild_id if store.guild else site_guild_id()


def site_guild_id() -> str | None:
    """The server that whoever runs the site lends to its creators, if there is one."""
    guild_id: str | None = current_app.extensions["settings"].discord_guild_id
    return guild_id
