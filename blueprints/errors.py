"""Every failure's page: each class of the product's errors has one status, and nothing ends in a traceback."""

import errno

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

import clock
from blueprints import unavailable
from blueprints.rate_limits import come_back
from blueprints.signed_in import current_person
from blueprints.web import render
from coaching import errors
from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.db import UNAVAILABLE, UNREADABLE
from coaching.db_trouble import is_full
from coaching.operation.reserve_actions import drop_reserve
from coaching.patience import patience

STATUSES: tuple[tuple[type[errors.CoachingError], int], ...] = (
    (errors.Busy, 503),
    (errors.ComeBackLater, 429),
    (errors.NotFound, 404),
    (errors.SlotTaken, 409),
    (errors.StudentBusy, 409),
    (errors.TermsChanged, 409),
    (errors.NotPublished, 409),
    (errors.ServerLost, 409),
    (errors.BookingsStopped, 409),
    (errors.ChangedMeanwhile, 409),
    (errors.TooLate, 409),
    (errors.InvitationOver, 410),
    (errors.NotReadyToPublish, 422),
    (errors.Refused, 403),
    (errors.CoachingError, 422),
)
# What was sent could not be taken: htmx puts that above the page, which keeps what was typed. It swaps each of these
# statuses (layout.html); no part of a page is replaced by one that says why it could not be drawn.
DRAWN_ABOVE = {400, 403, 409, 413, 415, 422}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
TITLES = {
    400: "This request could not be read",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not possible this way",
    409: "Somebody was faster",
    410: "This link is over",
    413: "Too large",
    415: "This is no form",
    422: "Something is missing",
    429: "Too many at once",
    500: "Something broke on our side",
    503: "Busy right now",
}
SUSPENDED = "This account is suspended"
TEXTS = {
    400: "The address or the form was not complete. Go back and try again.",
    404: errors.NotFound.sentence,
    405: "This address takes another kind of request.",
    413: "No picture larger than 10 MB fits, and no text that long. Choose a smaller file, or shorten it.",
    415: "This address takes what the form on its page sends. Open the page and send it from there.",
    429: "Wait a moment, then try again.",
    500: "Nothing you typed is wrong. Try again in a moment; if it stays so, tell us the reference below.",
    503: "Nothing was done. Try again in a few seconds.",
}


def init_app(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(errors.CoachingError, show_coaching_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_crash)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, show_unavailable)
    app.register_error_handler(OSError, show_system_error)


def show_coaching_error(error: errors.CoachingError) -> Response:
    """The product's own sentence with the status of its class."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    if isinstance(error, errors.NotFound):
        note_refused_look_up()
    elif isinstance(error, errors.LimitReached):
        note("limit hit", clock.machine_now(), known_person(), str(request.endpoint))
    elif isinstance(error, errors.AccountSuspended):
        return error_page(status, error.sentence, title=SUSPENDED, offers_data=True)
    answer = unavailable.show(error.sentence) if status == 503 else error_page(status, error.sentence)
    return come_back(answer, error) if isinstance(error, errors.ComeBackLater) else answer


def note_refused_look_up() -> None:
    """It is known who asked for what is not theirs or not there, by its route: both look the same.

    Of visitors who are nobody that says nothing: crawlers ask for whatever was ever linked.
    """
    if person := known_person():
        note("look-up refused", clock.machine_now(), person, str(request.endpoint))


def known_person() -> Person | None:
    """Whoever is signed in, if that can be found out now: what is noted here must not break the page of an error."""
    try:
        return current_person()
    except UNREADABLE:
        return None


def show_http_error(error: HTTPException) -> Response:
    """Our words for the framework's errors; its headers (Allow, Retry-After) stay."""
    status = error.code or 500
    if error.response is not None:
        return error.response  # type: ignore[return-value]  # what abort() was given: an answer of ours
    if isinstance(error, SecurityError):
        # A host name that is not ours: no page of ours is drawn under it, and it is not repeated.
        return Response(f"{TEXTS[400]}\n", 400, mimetype="text/plain")
    is_ours = error.description != type(error).description
    text = error.description if is_ours and status == 403 else TEXTS.get(status)
    answer = error_page(status, text or "Go back and try again.")
    answer.headers.extend([(k, v) for k, v in error.get_headers() if k in ("Allow", "Retry-After")])
    return answer


def show_unavailable(error: Exception) -> Response:
    """The store did not take it, so nothing was done: the person is asked to send it again."""
    current_app.logger.error("database unavailable at %s %s", request.method, request.url_rule, exc_info=error)
    patience.note_lost()
    if is_full(error):
        # For the next try, and for rooms that have to close.
        drop_reserve(current_app.extensions["settings"].data_dir)
    return unavailable.show(TEXTS[503])


def show_system_error(error: OSError) -> Response:
    """No room for what is sent, which is written to the disk meanwhile; anything else is a crash."""
    if error.errno not in NO_ROOM:
        return show_crash(error)
    current_app.logger.error("no room on the disk at %s %s: %s", request.method, request.url_rule, error.strerror)
    drop_reserve(current_app.extensions["settings"].data_dir)
    return unavailable.show(TEXTS[503])


def show_crash(error: Exception) -> Response:
    """A plain page with the request's number; the log holds the rest under the same."""
    reference = g.get("request_number")
    current_app.logger.error("crash %s at %s %s", reference, request.method, request.url_rule, exc_info=error)
    return error_page(InternalServerError.code, TEXTS[500], reference)


def error_page(
    status: int, text: str, reference: str | None = None, title: str | None = None, *, offers_data: bool = False
) -> Response:
    """One page for all of them; what htmx sent and could not be taken leaves its page as it is."""
    is_above = status in DRAWN_ABOVE
    try:
        answer = render(
            "errors/error.html",
            "errors/_refused.html" if is_above else None,
            status=status,
            title=title or TITLES.get(status, "That did not work"),
            text=text,
            reference=reference,
            code=status,
            offers_data=offers_data,
        )
        answer.headers["HX-Push-Url"] = "false"
        if is_above:
            answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#refused", "innerHTML"
            # A form that takes its own part out of every answer would find nothing in this one.
            answer.headers["HX-Reselect"] = ".flashes"
        return answer
    except Exception:
        # The page itself may be what broke (no database, no template): words without a layout then.
        current_app.logger.exception("error page failed")
        return Response(f"{text} {reference or ''}", status, mimetype="text/plain")
