"""The application: written, left as a draft, sent, changed, taken back; and what became of it."""

from collections.abc import Mapping, Sequence

from flask import Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Optional

from blueprints import web
from blueprints.accounts.reach import reach_view
from blueprints.becoming.blueprint import blueprint
from blueprints.differences import Difference, between
from blueprints.forms import Form, Hidden, TextBlock
from blueprints.policy import coach_signup
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from coaching.coaches import application_mutations as mutations
from coaching.coaches.application_queries import details_of, find_latest, mark_of
from coaching.coaches.applications import LONGEST_TEXT, ApplicationDetails
from coaching.coaches.links import LONGEST_LINK, MOST_LINKS
from coaching.coaches.models import CoachApplication
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import coach_of
from coaching.errors import ApplicationLacking, ChangedMeanwhile, Refused

LABELS = {"teaches": "What you teach", "links": "Links", "why": "Why here"}


class ApplicationForm(Form):
    teaches = TextBlock(LABELS["teaches"], longest=LONGEST_TEXT)
    links = TextBlock(LABELS["links"], [Optional()], longest=MOST_LINKS * (LONGEST_LINK + 2))
    why = TextBlock(LABELS["why"], longest=LONGEST_TEXT)
    # A mark of what the page showed.
    seen = Hidden()

    def details(self) -> ApplicationDetails:
        return ApplicationDetails(self.teaches.data, self.links.data, self.why.data)

    def say(self, faults: Mapping[str, str]) -> None:
        """What is missing stands beside its field."""
        for name, sentence in faults.items():
            self[name].errors = [sentence]


@blueprint.get("/become-a-coach")
@login_required
def apply() -> AnyResponse:
    """The application as it stands, or why there is none to write."""
    person = signed_in().person
    coach = coach_of(person)
    if coach is None and coach_signup() is CoachSignup.OPEN:
        return redirect(url_for("stores.new"), 303)
    return show(ApplicationForm(take_saved(), data=kept_words(find_latest(person))))


@blueprint.post("/become-a-coach")
@login_required
def save() -> AnyResponse:
    """It is kept; with `act` “send” it waits for whoever runs this site."""
    person, form, sends = signed_in().person, ApplicationForm(), request.form.get("act") != "save"
    if not form.validate():
        return show(form, 422)
    policy, now = coach_signup(), web.now()
    try:
        if not sends:
            kept = mutations.save_application(person, form.details(), form.seen.data, policy, now)
            flash(said_of_saved(kept), "good")
            return redirect(url_for(".apply" if kept.state == "sent" else "dashboard.home"), 303)
        site_url = current_app.extensions["settings"].sender.url
        mutations.send_application(person, form.details(), form.seen.data, policy, site_url, now)
    except ApplicationLacking as lacking:
        form.say(lacking.faults)
        return show(form, 422)
    except ChangedMeanwhile:
        latest = find_latest(person)
        differences = between(words_of(form.details()), words_of(details_of(latest)))
        form.seen.data = mark_of(latest)
        return show(form, 409, differences)
    except Refused as refusal:
        return show(form, 409, problem=refusal.sentence)
    current_app.extensions["wake_notices"]()
    flash("Sent. Whoever runs this site reads it and answers.", "good")
    return redirect(url_for(".apply"), 303)


@blueprint.post("/become-a-coach/withdrawal")
@login_required
def withdraw() -> AnyResponse:
    """It waits for nobody any more; what stands in it is kept."""
    mutations.withdraw_application(signed_in().person, web.now())
    flash("Your application is taken back. What you wrote is kept here.", "good")
    return redirect(url_for(".apply"), 303)


def show(
    form: ApplicationForm, status: int = 200, differences: Sequence[Difference] = (), problem: str | None = None
) -> Response:
    """The page; to whoever cannot apply it says why, and what they can do."""
    person = signed_in().person
    latest = find_latest(person)
    return web.render(
        "becoming/apply.html",
        status=status,
        form=form,
        latest=latest,
        state=latest.state if latest else "",
        coach=coach_of(person),
        policy=coach_signup().value,
        differences=differences,
        problem=problem,
        most_links=MOST_LINKS,
        reach=reach_view(person),
    )


def kept_words(latest: CoachApplication | None) -> dict[str, str]:
    """What the form begins with: also what was rejected, for whoever applies again."""
    return vars(details_of(latest)) | {"seen": mark_of(latest)}


def words_of(details: ApplicationDetails) -> dict[str, str]:
    return {LABELS[name]: words for name, words in vars(details).items()}


def said_of_saved(kept: CoachApplication) -> str:
    if kept.state == "sent":
        return "Saved. Whoever decides reads it as it is now."
    return "Saved. Nobody reads it before you send it."
