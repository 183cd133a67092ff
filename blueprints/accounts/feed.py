"""The private calendar feed: one's own sessions for a calendar program, which knows nothing but the secret address."""

import hashlib

from flask import Response, current_app, request

from blueprints.accounts.blueprint import blueprint
from blueprints.web import now
from coaching.errors import AccountSuspended, NotFound
from coaching.messages.feed_queries import feed_entries, find_feed_owner


@blueprint.get("/calendar/<token>.ics")
def calendar_feed(token: str) -> Response:
    """The calendar, or 304 for a program that has read this one before."""
    person = find_feed_owner(token)
    if person is None:
        raise NotFound
    if person.suspended_at:
        raise AccountSuspended
    settings = current_app.extensions["settings"]
    entries = feed_entries(person, settings.sender.session_url, now())
    answer = Response(mimetype="text/calendar")
    answer.set_etag(hashlib.sha256(repr((settings.site_name, entries)).encode()).hexdigest()[:32])
    # To be kept by the program that reads it, and by nobody on the way; never shown without asking here.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.make_conditional(request)
    if answer.status_code != 304:
        from coaching.messages.calendar import feed_file

        answer.set_data(feed_file(entries, settings.site_name, now()))
    return answer
