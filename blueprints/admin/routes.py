"""For admins: is everything fine, the sessions with their rooms, what the worker did, the messages."""

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.login import ask_to_sign_in
from blueprints.admin import (
    admin_actions,
    coach_invitations,
    coaches,
    coming,
    events,
    figures,
    messages,
    objections,
    orphans,
    payment_accounts,
    people,
    reviews,
    rooms,
    stores,
)
from blueprints.admin.blueprint import blueprint, own_zone
from blueprints.admin.runs import COLUMNS, run_chart, with_gaps
from blueprints.signed_in import current_person
from coaching.accounts.event_mutations import note
from coaching.catalog import queries as catalog
from coaching.checks import State, disk_check, worst_first
from coaching.coaches.application_queries import count_waiting
from coaching.diagnostics.actions import check_site, free_bytes
from coaching.diagnostics.queries import last_diagnosis
from coaching.diagnostics.standing_queries import doctor_check, queue_check, standing_checks, worker_check
from coaching.operation.queries import figures as figures_of_site
from coaching.people.coming_queries import undecided_of_suspended
from coaching.runtime import queries as runtime

RUNS_A_PAGE = 60
VIEWS = (
    *(admin_actions, coach_invitations, coaches, coming, events, figures, messages, objections, orphans),
    *(payment_accounts, people, reviews, rooms, stores),
)
__all__ = ["VIEWS", "blueprint"]


@blueprint.context_processor
def check_worker() -> dict[str, object]:
    """For every page: a worker that is silent, or broke, is said everywhere."""
    return {"worker": worker_check(web.both_clocks())}


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
    settings, now = current_app.extensions["settings"], web.both_clocks()
    doctor_says = doctor_check(now)
    checks = (
        queue_check(current_app.extensions["queue_depth"]()),
        disk_check(free_bytes(settings.data_dir)),
        *standing_checks(
            now, makes_backups=settings.backup_count > 0, sends_mail=web.sends_mail(), is_demo=settings.demo
        ),
        doctor_says,
    )
    return web.render(
        "admin/overview.html",
        concerns=worst_first(check for check in checks if check.state != State.OK),
        reassurance=doctor_says.sentence,
        figures=figures_of_site(now.product),
        last_run=next(iter(runtime.recent_runs(1)), None),
        backup_made_at=runtime.last_heartbeat(runtime.BACKUP),
        asking=catalog.stores_asking(),
        applications=count_waiting(),
        undecided=undecided_of_suspended(now.product).total(),
    )


@blueprint.get("/admin/doctor")
def site_check() -> Response:
    """What the last look at the site found."""
    return show_diagnosis()


@blueprint.post("/admin/doctor")
def check_site_now() -> AnyResponse:
    """The site has been looked at."""
    parts = current_app.extensions
    if check_site(parts["host"], parts["site"](), web.both_clocks()) is None:
        return show_diagnosis(409)
    return redirect(url_for("admin.site_check"), 303)


def show_diagnosis(status: int = 200) -> Response:
    return web.render(
        "admin/doctor.html", "admin/_doctor.html", status, diagnosis=last_diagnosis(None), is_busy=status == 409
    )


@blueprint.get("/admin/runs")
def run_list() -> Response:
    """The last hour as a chart, and every run of the last two weeks, page by page."""
    page, now = web.asked_page(), clock.machine_now()
    runs, has_more = runtime.runs_page(page, RUNS_A_PAGE)
    return web.render(
        "admin/runs.html",
        rows=with_gaps(runs),
        chart=run_chart(runtime.recent_runs(COLUMNS), now, own_zone()) if page == 1 and runs else None,
        number=page,
        has_more=has_more,
    )
