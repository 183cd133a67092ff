"""For admins: is everything fine, the sessions with their rooms, what the worker did, the messages."""

from collections.abc import Iterator

from flask import Response, abort, current_app, request
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.login import ask_to_sign_in
from blueprints.admin import (
    admin_actions,
    coach_invitations,
    coaches,
    coming,
    doctor,
    events,
    figures,
    messages,
    money,
    objections,
    orphans,
    payment_accounts,
    people,
    reviews,
    rooms,
    sessions,
    stores,
    times,
)
from blueprints.admin.blueprint import blueprint
from blueprints.admin.rooms import asked_page
from blueprints.admin.runs import COLUMNS, run_chart, with_gaps
from blueprints.signed_in import current_person
from coaching.accounts.event_mutations import note
from coaching.catalog import queries as catalog
from coaching.checks import Check, State, disk_check
from coaching.coaches.application_queries import count_waiting
from coaching.diagnostics.actions import free_bytes
from coaching.diagnostics.money_queries import MONEY, money_checks
from coaching.diagnostics.people_queries import retention_check
from coaching.diagnostics.standing_queries import (
    ORPHANS,
    doctor_check,
    nightly_check,
    orphans_check,
    outbox_check,
    queue_check,
    records_check,
    servers_checks,
)
from coaching.operation import queries
from coaching.payments.objection_queries import OBJECTIONS, objections_check
from coaching.people.coming_queries import undecided_of_suspended
from coaching.reviews.report_queries import REVIEWS, reviews_check
from coaching.runtime import queries as runtime

RUNS_A_PAGE = 60
# Where an admin goes on from what is wrong.
DOCTOR = ("admin.site_check", "To the doctor")
PAGES_OF = {
    "Records": ("admin.room_list", "Look at the rooms"),
    "Outbox": ("admin.message_list", "Look at the messages"),
    "Servers": ("admin.room_list", "Look at the rooms"),
    ORPHANS: ("admin.orphan_list", "Look at what is left over"),
    "Calls to Discord": ("admin.room_list", "Look at the rooms"),
    OBJECTIONS: ("admin.objection_list", "Hear both sides"),
    REVIEWS: ("admin.review_list", "Read what is reported"),
    MONEY: ("admin.money", "Look at the money"),
    "Stuck money": ("admin.money", "Look at the money"),
    "Paid without a booking": ("unseated.show_all", "Decide"),
}

VIEWS = (
    *(admin_actions, coach_invitations, coaches, coming, doctor, events, figures, messages, money, objections, orphans),
    *(payment_accounts, people, reviews, rooms, sessions, stores, times),
)
__all__ = ["VIEWS", "blueprint"]


@blueprint.context_processor
def worker_state() -> dict[str, object]:
    """For every page: a worker that is silent, or broke, is said everywhere."""
    return {"worker": runtime.worker_state(clock.machine_now())}


@blueprint.before_request
def refuse_others() -> AnyResponse | None:
    """404 for everybody else: that there is such a page is nobody's business. An admin may have to sign in again."""
    person = current_person()
    if person is None:
        return ask_to_sign_in()
    if not person.is_admin:
        note("look-up refused", clock.machine_now(), person, str(request.endpoint))
        abort(404)
    return None


@blueprint.get("/admin")
def overview() -> Response:
    """Is everything fine: one line, green only if all is; else what is not, with the remedy and the page for it."""
    now, concerns = web.both_clocks(), list(concerns_of_site())
    return web.render(
        "admin/overview.html",
        health=queries.health(now),
        concerns=[(check, *PAGES_OF.get(check.name, DOCTOR)) for check in concerns if check.state != State.OK],
        reassurance=next(check.sentence for check in concerns if check.name == "Doctor"),
        figures=queries.figures(now.product),
        last_run=next(iter(runtime.recent_runs(1)), None),
        backup_made_at=runtime.last_heartbeat(runtime.BACKUP),
        asking=catalog.stores_asking(),
        applications=count_waiting(),
        undecided=undecided_of_suspended(now.product).total(),
    )


def concerns_of_site() -> Iterator[Check]:
    """What can be wrong beside worker and rooms, as far as it is known without asking Discord."""
    settings, now = current_app.extensions["settings"], web.both_clocks()
    yield queue_check(current_app.extensions["queue_depth"]())
    yield disk_check(free_bytes(settings.data_dir))
    if settings.backup_count:
        yield nightly_check(now)
    yield retention_check(now.product)
    yield from money_checks(now.product)
    yield outbox_check(web.sends_mail(), settings.demo, now)
    yield orphans_check()
    yield from servers_checks(now)
    yield records_check(now.product)
    yield objections_check()
    yield reviews_check()
    yield doctor_check(now)


@blueprint.get("/admin/runs")
def run_list() -> Response:
    """The last hour as a chart, and every run of the last two weeks, page by page."""
    page, now = asked_page(), clock.machine_now()
    runs = runtime.recent_runs(RUNS_A_PAGE, page)
    return web.render(
        "admin/runs.html",
        rows=with_gaps(runs),
        chart=run_chart(runtime.recent_runs(COLUMNS), now, times.own_zone()) if page == 1 and runs else None,
        number=page,
        has_more=len(runs) == RUNS_A_PAGE,
    )
