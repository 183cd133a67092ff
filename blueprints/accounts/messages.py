"""What people choose about their messages: by which way which kind, quiet hours, Discord, and a calendar feed."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.login import this_visit
from blueprints.accounts.message_forms import MessagesForm, messages_form
from blueprints.accounts.oauth import a_place
from blueprints.accounts.reach import discord_words, mail_words, reach_view
from blueprints.rate_limits import come_back
from blueprints.saved_forms import take_saved, with_field
from blueprints.signed_in import signed_in
from blueprints.web import both_clocks, render
from coaching.accounts import limit_mutations
from coaching.accounts.models import Person
from coaching.catalog.queries import stores_of
from coaching.errors import ComeBackLater
from coaching.host import HostError
from coaching.messages import choice_mutations
from coaching.messages.actions import send_test_direct
from coaching.messages.feed_queries import find_feed
from coaching.messages.planning.routing import DmTrouble, MailTrouble, Reach
from coaching.messages.preferences import kinds_for
from coaching.messages.reach_queries import Recipient, get_recipient, reach_of, ways_of
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, MessageKind
from coaching.rate_limits.limits import TEST_MESSAGES, Use
from coaching.refusals import Refusal, explain

GROUPS = {
    Audience.STUDENT: "Calls you take",
    Audience.COACH: "Calls you give",
    Audience.OWNER: "Your server and this site",
}


@blueprint.get("/settings/messages")
@login_required
def messages() -> Response:
    """Everything about the messages one gets; with what was typed before somebody had to sign in."""
    saved = with_field(take_saved(), "quiet_from")
    person = signed_in().person
    form = form_for(get_recipient(person), kinds_of(person), saved) if saved else None
    return show(form=form, is_restored=saved is not None)


@blueprint.post("/settings/messages")
@login_required
def save_messages() -> AnyResponse:
    person = signed_in().person
    recipient, kinds = get_recipient(person), kinds_of(person)
    form = form_for(recipient, kinds, request.form)
    if not form.validate():
        return show(422, form=form)
    choice_mutations.save_preferences(
        person, form.details(kinds, recipient.settings), reach_now(recipient), both_clocks().product
    )
    current_app.extensions["wake_notices"]()
    flash("Saved.", "good")
    return redirect(url_for("accounts.messages"), 303)


@blueprint.post("/settings/messages/discord")
@login_required
def choose_discord() -> AnyResponse:
    """Messages on Discord are turned on, with a test at once that shows whether they arrive, or off."""
    person = signed_in().person
    if request.form.get("takes_discord") != "yes":
        choice_mutations.take_direct_messages(person, False)
        flash("The bot writes to you on Discord no more.", "good")
        return redirect(url_for("accounts.messages"), 303)
    try:
        limit_mutations.take([Use(TEST_MESSAGES, str(person.id))], both_clocks().machine, person, this_visit())
    except ComeBackLater as error:
        return come_back(show(discord_trouble=error.sentence), error)
    choice_mutations.take_direct_messages(person, True)
    recipient = get_recipient(person)
    if recipient.link is None:
        flash("Connect your Discord account first: the bot writes to the account that is connected here.", "warn")
    else:
        flash(*test_direct(recipient, recipient.link.username))
    return redirect(url_for("accounts.messages"), 303)


@blueprint.post("/settings/messages/feed")
@login_required
def make_feed() -> Response:
    """A new secret address for one's calendar, shown this once; the one before works no more."""
    token = choice_mutations.make_feed(signed_in().person, both_clocks().machine)
    site: str = current_app.config["APP_URL"]
    return show(feed_address=site + url_for("accounts.calendar_feed", token=token))


@blueprint.post("/settings/messages/feed/removal")
@login_required
def remove_feed() -> AnyResponse:
    choice_mutations.remove_feed(signed_in().person)
    flash("The address is removed. Calendars that read it find nothing there any more.", "good")
    return redirect(url_for("accounts.messages"), 303)


def test_direct(recipient: Recipient, account: str) -> tuple[str, str]:
    """A test message goes out; what became of it, and of what kind that news is."""
    with a_place() as has_place:
        if not has_place:
            return (
                "Discord is slow now, and others wait for it, too. Send the test again in a few seconds.",
                "warn",
            )
        sender, host = current_app.extensions["settings"].sender, current_app.extensions["host"]
        fault = send_test_direct(host, recipient, sender, both_clocks().machine)
    current_app.extensions["wake_notices"]()
    is_refused = reach_now(get_recipient(recipient.person)).dm_trouble is not None
    return outcome_of(fault, is_refused, account)


def outcome_of(error: HostError | None, is_refused: bool, account: str) -> tuple[str, str]:
    """What became of a test message, and of what kind that news is."""
    if error is None:
        return (
            f"A test message is with “{account}” on Discord. If you cannot find it, look at your message requests.",
            "good",
        )
    if is_refused:
        # Whether it is closed or shares no server, and the way on, stands in the card below.
        return f"Discord did not let the bot write to “{account}”.", "warn"
    if error.kind in (Refusal.DMS_TOO_FAST, Refusal.RATE_LIMITED):
        return (
            "Messages on Discord are on. The test did not go out: Discord lets the bot open only so many "
            "conversations at once. Send it again in a few minutes.",
            "warn",
        )
    return f"Messages on Discord are on. The test did not go out: {explain(error.kind)}", "warn"


def show(status: int = 200, *, form: MessagesForm | None = None, **more: Any) -> Response:
    """The page; a form in it shows what was typed and what is wrong with it."""
    person = signed_in().person
    recipient, kinds = get_recipient(person), kinds_of(person)
    form, reach = form or form_for(recipient, kinds), reach_view(person)
    fields = form.ways(kinds)
    groups = [
        (title, [(RULES[kind], field) for kind, field in fields if RULES[kind].audience is audience])
        for audience, title in GROUPS.items()
    ]
    return render(
        "accounts/messages.html",
        status=status,
        form=form,
        groups=[(title, rows) for title, rows in groups if rows],
        reach=reach,
        recipient=recipient,
        mail_trouble=reach.reach.mail_trouble,
        mail_words=mail_words(reach.reach),
        discord_words=discord_words(recipient, reach.reach),
        MailTrouble=MailTrouble,
        DmTrouble=DmTrouble,
        is_coach=Audience.COACH in {RULES[kind].audience for kind in kinds},
        feed=find_feed(person),
        zone=zones.page_zone("UTC"),
        at=web.now(),
        **more,
    )


def form_for(recipient: Recipient, kinds: list[MessageKind], sent: MultiDict[str, str] | None = None) -> MessagesForm:
    """The form as it was sent, else with what is kept."""
    is_coach = any(RULES[kind].audience is Audience.COACH for kind in kinds)
    ways, reach = ways_of(recipient.person), reach_now(recipient)
    return messages_form(kinds, ways, recipient.settings, reach, is_coach=is_coach, sent=sent)


def kinds_of(person: Person) -> list[MessageKind]:
    """The kinds of message that can reach the person."""
    return kinds_for(is_coach=bool(stores_of(person)), is_admin=person.is_admin)


def reach_now(recipient: Recipient) -> Reach:
    return reach_of(recipient, current_app.extensions["settings"].sender, both_clocks().machine)
