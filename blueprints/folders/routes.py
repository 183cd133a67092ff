"""The folder of a call: its coach and its student read it, write into it, change, tick off, remove, download."""

from contextlib import suppress
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import this_visit
from blueprints.folders.file import markdown_of
from blueprints.folders.forms import FORMS, revision_of
from blueprints.folders.page import draw, draw_entry, folder_view, own_view
from blueprints.rate_limits import come_back
from blueprints.signed_in import signed_in
from coaching.accounts.limit_mutations import take
from coaching.errors import ChangedMeanwhile, ComeBackLater, LimitReached, Refused, TooLate
from coaching.folders import mutations
from coaching.folders.queries import find_entry
from coaching.folders.visit_mutations import record_visit
from coaching.rate_limits.limits import FOLDER_WRITES, Use

blueprint = Blueprint("folders", __name__, url_prefix="/sessions/<code>/folder")
SORT = "/<any(notes, links, tasks):sort>"
GONE = "This was removed since you opened the page. What you typed is below: you can keep it as a new one."


@blueprint.get("")
@login_required
def show(code: str) -> AnyResponse:
    """All that lies in the folder, with forms to add to it."""
    return draw(own_view(code))


@blueprint.get("/file")
@login_required
def download(code: str) -> AnyResponse:
    """The folder as one Markdown file."""
    answer = Response(markdown_of(own_view(code)), mimetype="text/markdown")
    answer.headers["Content-Disposition"] = f'attachment; filename="folder-{code}.md"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/visit")
@login_required
def visit(code: str) -> AnyResponse:
    """The person has seen what their page showed; nothing is drawn anew."""
    view = own_view(code)
    with suppress(ValueError):
        record_visit(view.seat, signed_in().person, instant_of(request.form.get("seen_at", "")), web.now())
    return Response(status=204)


@blueprint.get("/visit")
@login_required
def visit_without_scripts(code: str) -> AnyResponse:
    """The same where no script can send it: an empty picture, which a browser fetches as it shows the page."""
    view = own_view(code)
    # As a picture of our own page: neither a link from elsewhere nor a program that looks ahead has seen it.
    asked_as = (request.method, request.headers.get("Sec-Fetch-Site"), request.headers.get("Sec-Fetch-Dest"))
    if asked_as == ("GET", "same-origin", "image"):
        with suppress(ValueError):
            record_visit(view.seat, signed_in().person, instant_of(request.args.get("seen_at", "")), web.now())
    return Response(status=204, headers={"Cache-Control": "no-store"})


@blueprint.post(SORT)
@login_required
def add(code: str, sort: str) -> AnyResponse:
    """One more note, link or task."""
    view, form = own_view(code), FORMS[sort]()
    if not form.validate():
        return draw(view, 422, form=form)
    try:
        count_write()
        entry = mutations.add_entry(view.seat, signed_in().person, form.details(), form.form_key.data, web.now())
    except ComeBackLater as error:
        form.form_errors.append(error.sentence)
        return come_back(draw(view, 429, form=form), error)
    except LimitReached as refusal:
        form[form.first].errors = [refusal.sentence]
        return draw(view, 422, form=form)
    except TooLate as refusal:
        form.form_errors.append(refusal.sentence)
        return draw(view, 409, form=form)
    return back(code, f"entry-{entry}")


@blueprint.get(f"{SORT}/<entry>")
@login_required
def edit(code: str, sort: str, entry: str) -> AnyResponse:
    """The form to change an entry; back to the folder where it is gone, or nothing is changed any more."""
    view = own_view(code)
    kept_entry, folder = find_entry(view.seat, FORMS[sort].kind, entry), folder_view(view, web.now())
    if kept_entry is None or folder is None or not folder.can_write:
        return back(code, sort)
    return draw_entry(view, sort, kept_entry, FORMS[sort].of(kept_entry))


@blueprint.post(f"{SORT}/<entry>")
@login_required
def save(code: str, sort: str, entry: str) -> AnyResponse:
    """The entry says this from now on."""
    view, form, person = own_view(code), FORMS[sort](), signed_in().person
    kept_entry = find_entry(view.seat, form.kind, entry)
    if not form.validate():
        return draw_entry(view, sort, kept_entry, form, 422)
    try:
        count_write()
        mutations.change_entry(view.seat, person, entry, form.details(), revision_of(form.seen.data), web.now())
    except ComeBackLater as error:
        return come_back(draw_entry(view, sort, kept_entry, form, 429, error.sentence), error)
    except ChangedMeanwhile as refusal:
        kept_entry = find_entry(view.seat, form.kind, entry)
        # Sent again, it takes the place of what is shown beside it now.
        form.seen.data = str(kept_entry.revision) if kept_entry else ""
        return draw_entry(view, sort, kept_entry, form, 409, refusal.sentence if kept_entry else GONE, is_other=True)
    except TooLate as refusal:
        return draw_entry(view, sort, kept_entry, form, 409, refusal.sentence)
    return back(code, f"entry-{entry}")


@blueprint.post("/tasks/<entry>/tick")
@login_required
def tick(code: str, entry: str) -> AnyResponse:
    """A task is done, or open again."""
    view, is_done = own_view(code), request.form.get("is_done") == "yes"
    try:
        mutations.tick_task(view.seat, signed_in().person, entry, is_done, revision_sent(), web.now())
    except (ChangedMeanwhile, TooLate) as refusal:
        return draw(view, 409, refused_tick=refusal.sentence)
    return back(code, "tasks")


@blueprint.post(f"{SORT}/<entry>/removal")
@login_required
def remove(code: str, sort: str, entry: str) -> AnyResponse:
    """The entry is gone."""
    view, kind = own_view(code), FORMS[sort]
    try:
        mutations.remove_entry(view.seat, signed_in().person, kind.kind, entry, revision_sent(), web.now())
    except ChangedMeanwhile as refusal:
        kept_entry = find_entry(view.seat, kind.kind, entry)
        return (
            draw_entry(view, sort, kept_entry, kind.of(kept_entry), 409, refusal.sentence)
            if kept_entry
            else back(code, sort)
        )
    except Refused as refusal:
        return draw(view, 409, refused=refusal.sentence)
    return back(code, sort)


def count_write() -> None:
    """Nobody fills folders by a program; ComeBackLater for who writes very much."""
    person = signed_in().person
    take([Use(FOLDER_WRITES, str(person.id))], web.both_clocks().machine, person, this_visit())


def revision_sent() -> int:
    return revision_of(request.form.get("seen", ""))


def instant_of(text: str) -> datetime:
    """The instant, or ValueError for what no page of ours sends."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return at


def back(code: str, place: str) -> AnyResponse:
    return redirect(url_for(".show", code=code) + f"#{place}", 303)
