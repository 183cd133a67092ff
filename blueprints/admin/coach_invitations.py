"""The admin's page of links that make coaches: made, listed with who took them, revoked."""

from datetime import timedelta

from flask import Response, current_app, flash, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Optional

import clock
from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint
from blueprints.admin.reasons import Question, ReasonForm, show_question
from blueprints.forms import Form, FormKey, TextLine, WholeNumber, checked, required
from blueprints.policy import coach_signup
from blueprints.same_origin import origin_of
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.coaches import invitation_mutations as mutations
from coaching.coaches.invitation_queries import get_invitation, invitations_page
from coaching.coaches.invitations import LONGEST_NOTE, MOST_DAYS, MOST_USES, InvitationDetails
from coaching.coaches.models import CoachInvitation
from coaching.errors import LimitReached

# In the cookie of the browser in which it was made: the last link, shown there once more after a reload.
MADE = "coach_link"
REVOCATION = f"/admin/coach-invitations/<{NUMBER}:invitation_id>/revocation"


class InvitationForm(Form):
    form_key = FormKey()
    most_uses = WholeNumber("For how many people", [required("Type a number.")], least=1, most=MOST_USES, default=1)
    days = WholeNumber("For how many days", [required("Type a number.")], least=1, most=MOST_DAYS, default=14)
    note = TextLine("Whom it is for", [Optional()], longest=LONGEST_NOTE)

    def details(self) -> InvitationDetails:
        lasts = timedelta(days=checked(self.days.data))
        return InvitationDetails(checked(self.most_uses.data), lasts, self.note.data)


@blueprint.get("/admin/coach-invitations")
def coach_invitations() -> Response:
    """The links, the newest first, and the form for another one."""
    return show_invitations(InvitationForm(take_saved()))


@blueprint.post("/admin/coach-invitations")
def invite_coach() -> AnyResponse:
    """There is a new link."""
    form = InvitationForm()
    if not form.validate():
        return show_invitations(form, 422)
    if detour := ask_for_factor():
        return detour
    try:
        made, token = mutations.invite_coaches(
            signed_in().person, form.details(), form.form_key.data, clock.machine_now()
        )
    except LimitReached as refusal:
        form.form_errors = [refusal.sentence]
        return show_invitations(form, 422)
    if token:
        session[MADE] = [made.id, token]
    return redirect(url_for(".coach_invitations"), 303)


@blueprint.get(REVOCATION)
def ask_to_revoke(invitation_id: int) -> Response:
    """What follows, and why it is to be."""
    return show_question(question_of(get_invitation(invitation_id)), ReasonForm(take_saved()))


@blueprint.post(REVOCATION)
def revoke_coach_invitation(invitation_id: int) -> AnyResponse:
    """Nobody can take the link any more."""
    invitation, form = get_invitation(invitation_id), ReasonForm()
    if not form.validate():
        return show_question(question_of(invitation), form, 422)
    if detour := ask_for_factor():
        return detour
    mutations.revoke_invitation(invitation_id, signed_in().person, form.reason.data, clock.machine_now())
    flash("Nobody can take this link any more. Who took it before stays a coach.", "good")
    return redirect(url_for(".coach_invitations"), 303)


def question_of(invitation: CoachInvitation) -> Question:
    whom = f"It is noted as for: {invitation.note}." if invitation.note else "It has no note."
    return Question(
        "Revoke a link that makes coaches",
        (whom, "Nobody can take it any more. Who took it before stays a coach."),
        "Revoke it",
        url_for(".revoke_coach_invitation", invitation_id=invitation.id),
        url_for(".coach_invitations"),
        "Links that make coaches",
        "danger",
    )


def show_invitations(form: InvitationForm, status: int = 200) -> Response:
    page = web.asked_page()
    listed, has_more = invitations_page(page, PAGE_SIZE, clock.machine_now())
    made_id, token = session.get(MADE) or (None, "")
    site = origin_of(current_app.config["APP_URL"])
    answer = web.render(
        "admin/coach_invitations.html",
        status=status,
        listed=listed,
        form=form,
        made_id=made_id,
        link=f"{site}{url_for('becoming.invitation', token=token)}" if token else None,
        number=page,
        has_more=has_more,
        policy=coach_signup().value,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
