"""A coach fills in their own page."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.coaches.blueprint import blueprint
from blueprints.coaches.forms import ProfileForm, profile_words
from blueprints.differences import between
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.accounts.models import DiscordLink
from coaching.accounts.queries import find_discord_link
from coaching.coaches.models import Coach
from coaching.coaches.profile import PictureChoice
from coaching.coaches.profile_mutations import save_profile
from coaching.coaches.profile_queries import find_coach, is_shown, kept_profile, profile_version, specialties_in_use
from coaching.errors import AddressInUse, ChangedMeanwhile, LimitReached, NotFound


@blueprint.get("/dashboard/page")
@login_required
def edit() -> Response:
    """The coach's own page, to be filled in; NotFound for whoever is no coach."""
    coach = own_page()
    saved = take_saved()
    form = form_for(coach, ProfileForm(saved, data=ProfileForm.fields_of(kept_profile(coach))))
    return show_form(coach, form, seen=saved.get("seen") if saved else None)


@blueprint.post("/dashboard/page")
@login_required
def save() -> AnyResponse:
    """The coach's page says this."""
    coach = own_page()
    form = form_for(coach, ProfileForm())
    if not form.validate():
        return show_form(coach, form, 422, seen=form.seen.data)
    try:
        save_profile(signed_in().person, form.details(), now(), form.seen.data)
    except (AddressInUse, LimitReached) as error:
        form.slug.errors = [error.sentence]
        return show_form(coach, form, 422, seen=form.seen.data)
    except ChangedMeanwhile:
        kept = own_page()
        differences = between(profile_words(form.details()), profile_words(kept_profile(kept)))
        return show_form(kept, form, 409, differences=differences)
    flash("Saved. This is what your page says now." if is_shown(own_page()) else "Saved.", "good")
    return redirect(url_for(".edit"), 303)


def own_page() -> Coach:
    """The page of whoever is signed in."""
    coach = find_coach(signed_in().person)
    if coach is None:
        raise NotFound
    return coach


def form_for(coach: Coach, form: ProfileForm) -> ProfileForm:
    """The form, told which pictures there are to choose from."""
    link = find_discord_link(coach.person)
    form.has_own = not coach.takes_avatar and coach.portrait_id is not None
    form.has_avatar = coach.takes_avatar or bool(link and link.avatar)
    return form


def avatar_words(coach: Coach, link: DiscordLink | None) -> str:
    """Why Discord's picture is not there (yet), where that is so."""
    if link is None:
        return "There once you have connected your Discord account, in your settings"
    if not link.avatar:
        return "" if coach.portrait_id else "None is known yet: sign in with Discord once you have one there"
    if not coach.takes_avatar:
        return ""
    if coach.avatar != link.avatar:
        is_new = coach.avatar_attempts < 2
        return (
            "Fetched from Discord within a minute" if is_new else "Discord did not hand it out. It is asked for again"
        )
    return "" if coach.portrait_id else "It could not be fetched. Save your page to have it tried again"


def show_form(coach: Coach, form: ProfileForm, status: int = 200, seen: str | None = None, **context: Any) -> Response:
    """The page with the form; `seen` marks what the page showed before, if that was another page than this one."""
    form.seen.data = seen or profile_version(kept_profile(coach))
    link = find_discord_link(coach.person)
    return render(
        "coaches/edit.html",
        status=status,
        coach=coach,
        form=form,
        is_shown=is_shown(coach),
        avatar_words=avatar_words(coach, link),
        shows_avatar=coach.takes_avatar and coach.portrait_id is not None,
        suggested=specialties_in_use(),
        own=PictureChoice.OWN,
        **context,
    )
