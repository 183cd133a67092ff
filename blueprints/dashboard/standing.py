"""How somebody stands as a coach, and for admins who waits to become one: lines on top of the dashboard."""

from collections.abc import Iterator, Sequence

from flask import url_for

from blueprints import web
from blueprints.dashboard.line import Attention
from blueprints.filters import local_time
from blueprints.policy import coach_signup
from coaching.accounts.models import Person
from coaching.catalog.models import Store
from coaching.coaches.application_queries import count_waiting, find_latest
from coaching.coaches.models import Coach, CoachApplication
from coaching.coaches.signup import CoachSignup
from coaching.people.coming_queries import undecided_of_suspended
from coaching.reviews.report_queries import count_reported


def standing(person: Person, coach: Coach | None, stores: Sequence[Store], zone: str) -> Iterator[Attention]:
    """What the person has to know of their own approval, and what waits for an admin's."""
    if person.is_admin and (waiting := count_waiting()):
        who = "One person wants" if waiting == 1 else f"{waiting} people want"
        href = url_for("admin.coach_list")
        yield Attention(f"{who} to become a coach", "They wait for your answer.", href, "Read and decide", "info")
    if person.is_admin and (reported := count_reported()):
        reviews = "One reported review waits" if reported == 1 else f"{reported} reported reviews wait"
        href = url_for("admin.review_list")
        yield Attention(f"{reviews} for a decision", "You hide it, or keep it.", href, "Read and decide", "info")
    if person.is_admin and (undecided := undecided_of_suspended(web.now()).total()):
        whose = "One coming session of somebody suspended waits"
        whose = whose if undecided == 1 else f"{undecided} coming sessions of people who are suspended wait"
        href = url_for("admin.people_list", show="suspended")
        yield Attention(f"{whose} for a decision", "You cancel it, or leave it.", href, "Decide", "info")
    if coach:
        yield from _of_coach(coach, stores)
    elif coach_signup() is not CoachSignup.OPEN and (application := find_latest(person)):
        yield from _of_applicant(application, zone)


def _of_coach(coach: Coach, stores: Sequence[Store]) -> Iterator[Attention]:
    if not coach.may_sell:
        yield Attention(
            "Your approval as a coach was taken back",
            f"“{coach.stopped_why}” What is booked stays: give those calls, or cancel them. Nothing new can be "
            "booked or put on sale.",
            url_for("becoming.apply"),
            "What that means",
            "bad",
        )
    elif not stores:
        answered = find_latest(coach.person)
        words = answered.reply if answered and answered.state == "approved" else ""
        text = (f"“{words}” " if words else "") + "Open your store next, and say on your page who you are."
        yield Attention("You are a coach here", text, url_for("stores.new"), "Open a store", "good")


def _of_applicant(application: CoachApplication, zone: str) -> Iterator[Attention]:
    href = url_for("becoming.apply")
    if application.state == "draft":
        yield Attention("Your application is a draft", "Nobody has read it yet.", href, "Go on with it", "info")
    elif application.state == "sent" and application.sent_at:
        sent = local_time(application.sent_at, zone, "short")
        text = f"Sent {sent}. The answer will stand here."
        yield Attention("Your application to become a coach waits", text, href, "See it", "info")
    elif application.state == "asked":
        yield Attention(
            "There is a question about your application", f"“{application.reply}”", href, "Answer it and send it again"
        )
    elif application.state == "rejected":
        yield Attention(
            "Your application to become a coach was not approved",
            f"“{application.reply}”",
            href,
            "Change it and apply again",
        )
