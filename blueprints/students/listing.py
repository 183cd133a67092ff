"""All students of a coach: searched, narrowed by a label, page by page, and as a file."""

from collections import defaultdict

from flask import Response, request
from flask_login import login_required

from blueprints import web, zones
from blueprints.signed_in import signed_in
from blueprints.students.blueprint import blueprint
from coaching.accounts.models import Person
from coaching.catalog.queries import stores_of
from coaching.plain_text import clean
from coaching.students import queries
from coaching.students.listing import Asked, Order, csv_of, matching_students, note_text, page_of

ORDERS: dict[Order, str] = {"near": "Next session first", "name": "By name"}


@blueprint.get("/students")
@login_required
def show_all() -> Response:
    """Everybody who has booked with the signed-in coach, or asked for a time."""
    coach, asked = signed_in().person, asked_for()
    stores, students = stores_of(coach), queries.students_of(coach, web.now())
    page = page_of(matching_students(students, asked), web.asked_page())
    labels = {label for student in students for label in student.labels}
    return web.render(
        "students/list.html",
        stores=stores,
        asked=asked,
        orders=ORDERS,
        labels=sorted(labels, key=str.casefold),
        has_any=bool(students),
        listed=page,
        students=queries.with_money(coach, page.students),
        zone=coach_zone(coach),
    )


@blueprint.get("/students.csv")
@login_required
def download() -> Response:
    """Those who match, as a file for a spreadsheet; with the coach's notes where these are asked for."""
    coach, zone = signed_in().person, coach_zone(signed_in().person)
    students = queries.with_money(coach, matching_students(queries.students_of(coach, web.now()), asked_for()))
    notes = notes_in_words(coach, zone) if request.args.get("notes") else None
    answer = Response(csv_of(students, zone, notes), mimetype="text/csv")
    name = "students-with-notes.csv" if notes is not None else "students.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def asked_for() -> Asked:
    """What the address asks for; whatever is odd in it is taken for the ordinary."""
    order: Order = "name" if request.args.get("order") == "name" else "near"
    return Asked(clean(request.args.get("search"))[:100], clean(request.args.get("label"))[:100], order)


def notes_in_words(coach: Person, zone: str) -> dict[int, list[str]]:
    """What the coach wrote about each student, the latest first."""
    written: dict[int, list[str]] = defaultdict(list)
    for note in queries.all_notes(coach):
        about = note.coaching_session.title if note.coaching_session else ""
        written[note.student_id].append(note_text(note.words, note.made_at, about, zone))
    return written


def coach_zone(coach: Person) -> str:
    """The zone in which a coach reads times of all their stores."""
    stores = stores_of(coach)
    return zones.page_zone(stores[0].zone if stores else "UTC")
