"""A link that makes a coach of whoever takes it: looked at, and taken by a button."""

from typing import TypeVar

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_to_sign_in
from blueprints.becoming.blueprint import blueprint
from blueprints.policy import coach_signup
from blueprints.signed_in import current_person
from coaching.coaches.invitation_mutations import CLOSED, NO_LINK, take_coach_invitation
from coaching.coaches.invitation_queries import find_by_token, state_at
from coaching.coaches.invitations import SENTENCES, InvitationState
from coaching.coaches.standing_queries import coach_of
from coaching.errors import CoachStopped, InvitationOver

Answer = TypeVar("Answer", bound=AnyResponse)


@blueprint.get("/coach-invitations/<token>")
def invitation(token: str) -> AnyResponse:
    """What the link is for, and the button; changes nothing."""
    person = current_person()
    coach = coach_of(person) if person else None
    if coach is None and (sentence := why_over(token)):
        return show_over(sentence)
    return no_index(web.render("becoming/invitation.html", token=token, coach=coach))


@blueprint.post("/coach-invitations/<token>")
def take(token: str) -> AnyResponse:
    """Whoever is signed in is a coach; anybody else signs in or up first, and comes back."""
    person = current_person()
    if person is None:
        if sentence := why_over(token):
            return show_over(sentence)
        return ask_to_sign_in(url_for(".invitation", token=token))
    try:
        take_coach_invitation(token, person, coach_signup(), web.both_clocks())
    except InvitationOver as over:
        return show_over(over.sentence)
    except CoachStopped:
        return redirect(url_for("dashboard.home"), 303)
    flash("You are a coach here now. Open your store.", "good")
    return redirect(url_for("stores.new"), 303)


def why_over(token: str) -> str | None:
    """Why nobody can take it; None for a link that can be taken."""
    invitation = find_by_token(token)
    if invitation is None:
        return NO_LINK
    if not coach_signup().takes_invitations:
        return CLOSED
    state = state_at(invitation, web.both_clocks().machine)
    return None if state is InvitationState.OPEN else SENTENCES[state]


def show_over(sentence: str) -> Response:
    takes_links = coach_signup().takes_invitations
    return no_index(web.render("becoming/over.html", status=410, sentence=sentence, takes_links=takes_links))


def no_index(answer: Answer) -> Answer:
    """No search engine keeps it, and no further page is told its address."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    return answer
