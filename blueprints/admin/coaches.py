"""The admin's pages of who may sell: applications that wait, every coach, and the end or return of an approval."""

from datetime import datetime

from flask import Response, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField
from wtforms.validators import ValidationError

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.accounts.reach import reach_view
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint, own_zone, searched
from blueprints.admin.reasons import LONGEST_REASON
from blueprints.filters import local_time
from blueprints.forms import Form, Hidden, TextBlock, plain_number, required
from blueprints.policy import coach_signup
from blueprints.saved_forms import take_saved
from blueprints.sessions.phase import roughly
from blueprints.signed_in import signed_in
from coaching.coaches.answer_mutations import answer_application
from coaching.coaches.application_queries import Applicant, answered_applications, get_applicant, waiting_applications
from coaching.coaches.applications import LONGEST_REPLY, ApplicationAnswer
from coaching.coaches.coach_queries import CoachView, coaches_page, get_coach
from coaching.coaches.links import links_of
from coaching.coaches.profile_queries import is_shown
from coaching.coaches.standing_mutations import resume_coach, stop_coach
from coaching.errors import ChangedMeanwhile
from coaching.operation.queries import RECORD, outcome_of, record_of

MOST_WAITING = 200
MOST_ANSWERED = 20
NO_WAY = "on their dashboard alone: no mail and no Discord reaches them yet"
ANSWERS = {
    ApplicationAnswer.APPROVE: "Approve: they may open a store",
    ApplicationAnswer.ASK: "Ask: they read your question, and send it again",
    ApplicationAnswer.REJECT: "Reject: they read your reason, and may apply again",
}
OUTCOME_LABELS = {
    "completed": "Took place",
    "no_show student": "Missed by the student",
    "no_show coach": "Missed by the coach",
    "no_show both": "Missed by both",
    "no_show unknown": "Outcome unknown",
    "cancelled student": "Cancelled by the student",
    "cancelled coach": "Cancelled by the coach",
    "cancelled admin": "Cancelled by an admin",
    "in_progress": "On now",
    "scheduled": "Outcome not known yet",
}


class AnswerForm(Form):
    answer = RadioField(
        "Your answer",
        [required("Choose one of the three.")],
        choices={str(answer): label for answer, label in ANSWERS.items()},
    )
    words = TextBlock("Question or reason", longest=LONGEST_REPLY)
    # Of the words that the page showed.
    revision = Hidden()

    def validate_words(self, field: TextBlock) -> None:
        if self.answer.data in (ApplicationAnswer.ASK, ApplicationAnswer.REJECT) and not field.data:
            raise ValidationError("They read it: write your question, or why not.")


class StopForm(Form):
    reason = TextBlock("Why", [required("Write why: the coach reads it.")], longest=LONGEST_REPLY)


class ResumeForm(Form):
    reason = TextBlock("Why", [required("Say why.")], longest=LONGEST_REASON)


@blueprint.get("/admin/coaches")
def coach_list() -> Response:
    """Who waits to become a coach, then everybody who is one."""
    page, words = web.asked_page(), searched()
    listed, has_more = coaches_page(words, page, PAGE_SIZE)
    is_first = page == 1 and not words
    return web.render(
        "admin/coaches.html",
        waiting=waiting_applications(MOST_WAITING) if is_first else [],
        answered=answered_applications(MOST_ANSWERED) if is_first else [],
        listed=listed,
        words=words,
        number=page,
        has_more=has_more,
        policy=coach_signup().value,
    )


@blueprint.get(f"/admin/applications/<{NUMBER}:application_id>")
def application(application_id: int) -> Response:
    """One application, with what is known about who wrote it, and the answer."""
    applicant = get_applicant(application_id)
    revision = str(applicant.application.revision)
    return show_application(applicant, AnswerForm(take_saved(), data={"revision": revision}))


@blueprint.post(f"/admin/applications/<{NUMBER}:application_id>/answer")
def answer(application_id: int) -> AnyResponse:
    """They are a coach, are asked for more, or read why not."""
    applicant, form = get_applicant(application_id), AnswerForm()
    if not form.validate():
        return show_application(applicant, form, 422)
    if detour := ask_for_factor():
        return detour
    answered, site_url = ApplicationAnswer(form.answer.data), current_app.extensions["settings"].sender.url
    try:
        revision = plain_number(form.revision.data) if form.revision.data.isascii() else -1
        answer_application(
            applicant.application, signed_in().person, answered, form.words.data, revision, site_url, web.now()
        )
    except (ChangedMeanwhile, ValueError):
        now = get_applicant(application_id)
        form.revision.data = str(now.application.revision)
        return show_application(now, form, 409, is_changed=True)
    current_app.extensions["wake_notices"]()
    words = {
        ApplicationAnswer.APPROVE: "is a coach now",
        ApplicationAnswer.ASK: "reads your question",
        ApplicationAnswer.REJECT: "reads your reason",
    }
    how = "and gets a message" if reach_view(applicant.person).is_reached else NO_WAY
    flash(f"{applicant.person.name} {words[answered]}, {how}.", "good")
    return redirect(url_for(".coach_list"), 303)


@blueprint.get(f"/admin/coaches/<{NUMBER}:person_id>")
def coach(person_id: int) -> Response:
    """One coach: their stores, how they became one, and whether they may sell."""
    return show_coach(get_coach(person_id), StopForm(take_saved()))


@blueprint.post(f"/admin/coaches/<{NUMBER}:person_id>/suspension")
def suspend_coach(person_id: int) -> AnyResponse:
    """Nothing new can be booked with them; they read why."""
    coach_view, form = get_coach(person_id), StopForm()
    if not form.validate():
        return show_coach(coach_view, form, 422)
    if detour := ask_for_factor():
        return detour
    site_url = current_app.extensions["settings"].sender.url
    try:
        stop_coach(coach_view.coach, signed_in().person, form.reason.data, site_url, web.now())
    except ChangedMeanwhile:
        return show_coach(get_coach(person_id), ResumeForm(formdata=None), 409, unsent=form.reason.data)
    return after_change(coach_view, f"Nobody can book new calls with {coach_view.person.name} now.")


@blueprint.post(f"/admin/coaches/<{NUMBER}:person_id>/resumption")
def resume(person_id: int) -> AnyResponse:
    """They may sell as before."""
    coach_view, form = get_coach(person_id), ResumeForm()
    if not form.validate():
        return show_coach(coach_view, form, 422)
    if detour := ask_for_factor():
        return detour
    site_url = current_app.extensions["settings"].sender.url
    resume_coach(coach_view.coach, signed_in().person, form.reason.data, site_url, web.now())
    return after_change(coach_view, f"New calls can be booked with {coach_view.person.name} again.")


def after_change(coach_view: CoachView, words: str) -> AnyResponse:
    current_app.extensions["wake_notices"]()
    how = "They get a message" if reach_view(coach_view.person).is_reached else f"They learn of it {NO_WAY}"
    flash(f"{words} {how}.", "good")
    return redirect(url_for(".coach", person_id=coach_view.person.id), 303)


def show_application(
    applicant: Applicant, form: AnswerForm, status: int = 200, *, is_changed: bool = False
) -> Response:
    return web.render(
        "admin/application.html",
        status=status,
        applicant=applicant,
        form=form,
        links=links_of(applicant.application.links),
        who=who_it_is(applicant),
        is_changed=is_changed,
    )


def who_it_is(applicant: Applicant) -> list[tuple[str, str]]:
    """What is known about an applicant, line by line."""
    person, link = applicant.person, applicant.link
    lines = [("Discord", f"{link.username}, id {link.discord_user_id}" if link else "Not connected")]
    if applicant.discord_made_at:
        lines.append(("Discord account since", with_age(applicant.discord_made_at)))
    lines.append(("Account here since", with_age(person.created_at)))
    state = "confirmed" if person.email_verified_at else "not confirmed by anybody"
    return [*lines, ("E-mail", f"{person.email}, {state}" if person.email else "None")]


def with_age(made_at: datetime) -> str:
    """The day, and how long ago that is by the machine's clock."""
    return f"{local_time(made_at, own_zone(), 'day_year')}, {roughly(web.both_clocks().machine - made_at)} ago"


def show_coach(coach_view: CoachView, form: StopForm | ResumeForm, status: int = 200, unsent: str = "") -> Response:
    return web.render(
        "admin/coach.html",
        status=status,
        coach_view=coach_view,
        is_shown=is_shown(coach_view.coach),
        record=record_of(coach_view.person, web.now()),
        record_days=RECORD.days,
        outcome_of=outcome_of,
        outcome_labels=OUTCOME_LABELS,
        form=form,
        unsent=unsent,
    )
