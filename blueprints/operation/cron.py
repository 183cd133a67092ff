"""The cron address: a host without a worker has its minute's work done by whoever calls it with the secret."""

from functools import partial

from flask import Response, abort, current_app, jsonify

import clock
from blueprints.operation.bearer import is_bearer_of, refuse_bearer
from blueprints.operation.blueprint import blueprint
from coaching.backups.erased_actions import look_after_deletions
from coaching.coaches.avatar_actions import LONGEST_IN_A_REQUEST as LONGEST_FETCHING
from coaching.coaches.avatar_actions import fetch_avatars
from coaching.diagnostics.actions import free_bytes
from coaching.messages.actions import Outlets
from coaching.operation.actions import do_all, run_by_cron
from coaching.operation.reserve_actions import keep_reserve
from coaching.own_data.export_actions import EXPORTS, make_exports
from coaching.own_data.retention_mutations import RULES, delete_what_is_old
from coaching.payments.account_actions import look_after_accounts
from coaching.payments.sweep_actions import LONGEST_IN_A_REQUEST, look_after_payments


@blueprint.route("/api/cron/process-sessions", methods=["GET", "POST"])
def process_sessions() -> Response:
    """All that is due has been done once; one run at a time."""
    secret = current_app.extensions["settings"].cron_secret
    if not secret:
        abort(404)
    if not is_bearer_of(secret):
        return refuse_bearer()
    parts = current_app.extensions
    settings = parts["settings"]
    free = free_bytes(settings.data_dir)
    keep_reserve(settings.data_dir, free)
    provider_of = parts["provider_of"]
    outlets = Outlets(parts["mailer"], parts["host"])
    report = run_by_cron(outlets, settings.sender, free, clock.both(), parts["feeds"])
    if report is None:
        return Response("a run is under way\n", 409, mimetype="text/plain")
    # What breaks is told to the caller, whose service then writes to somebody; all else is done first.
    broken = do_all(
        partial(
            look_after_accounts, provider_of, settings.stripe_secret_key, settings.stripe_webhook_secret, clock.now()
        ),
        partial(look_after_payments, provider_of, clock.both, LONGEST_IN_A_REQUEST),
        partial(look_after_deletions, settings.data_dir / "backups", clock.both()),
        partial(fetch_avatars, parts["avatars"], settings.data_dir, clock.now(), LONGEST_FETCHING),
        partial(delete_what_is_old, clock.both(), most_parts=len(RULES)),
        partial(make_exports, settings.data_dir / EXPORTS, settings.sender, free, clock.both, most=1),
    )
    answer = jsonify(due=report.due, done=report.done, failed=report.failed, broken=broken)
    answer.status_code = 500 if broken else 200
    return answer
