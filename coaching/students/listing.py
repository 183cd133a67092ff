"""A coach's students as a list: found by words, narrowed by a label, page by page, and as a file. Pure."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Literal
from zoneinfo import ZoneInfo

from coaching.money import currency_of
from coaching.payments.statement_rules import BYTE_ORDER_MARK, safe_cell

PAGE_SIZE = 50
LONGEST_NOTE = 5000
MOST_NOTES = 200  # about one student
LONGEST_LABEL = 40
MOST_LABELS = 12  # of one student
# Excel drops what a cell has beyond 32,767 UTF-16 units (its specifications and limits); a character is up to two.
LONGEST_CELL = 16_000
Order = Literal["near", "name"]


@dataclass(frozen=True, slots=True)
class Student:
    """One of a coach's students, and what came of their sessions together; at those `missed` the student was absent.

    `paid` is by currency, in its smallest unit, less what went or goes back; test payments are not in it.
    """

    person_id: int
    name: str
    discord: str  # their name there, empty without a connection
    sessions: int  # booked, asked for, called off: all of them
    held: int
    missed: int
    called_off: int  # by the student
    first_at: datetime | None
    last_at: datetime | None
    next_at: datetime | None
    is_former: bool = False  # the account was deleted, and the name with it
    labels: tuple[str, ...] = ()
    paid: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for."""

    search: str = ""
    label: str = ""
    order: Order = "near"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of those that match, how many they are in all, and the number of this page and of the last."""

    students: list[Student]
    count: int
    number: int
    last: int


def key_of(text: str) -> str:
    """The words as they are compared: without capitals, accents and double spaces."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in parted if not unicodedata.combining(letter)).split())


def label_key(label: str) -> str:
    """A label as it is compared, no longer than its column."""
    return key_of(label)[:250]


def matching_students(students: Iterable[Student], asked: Asked) -> list[Student]:
    """Those who have the label and each word of the search in name, Discord name or a label, in the order asked for."""
    words, label = key_of(asked.search).split(), label_key(asked.label)
    kept = [student for student in students if _has_label(student, label) and _has_words(student, words)]
    kept.sort(key=lambda student: (key_of(student.name), student.person_id))
    return kept if asked.order == "name" else sorted(kept, key=_nearness)


def page_of(students: Sequence[Student], number: int) -> Page:
    """The page of this number; the last one in place of a page that is none."""
    last = max(1, -(-len(students) // PAGE_SIZE))
    number = min(max(number, 1), last)
    return Page(list(students[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]), len(students), number, last)


def csv_of(students: Iterable[Student], zone: str, notes: Mapping[int, Sequence[str]] | None = None) -> str:
    """The students as a file for a spreadsheet, a row each; with `notes`, by person, what the coach wrote as well.

    Times are those of `zone`; amounts plain numbers, a column for each currency; no text can be taken for a formula.
    """
    students = list(students)
    currencies = sorted({currency for student in students for currency, _ in student.paid})
    written = (
        {student.person_id: cells_of(notes.get(student.person_id, ())) for student in students}
        if notes is not None
        else {}
    )
    columns = max(map(len, written.values()), default=0 if notes is None else 1)
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(
        [
            *("Student", "Discord", "Labels", "First session", "Last session", "Next session"),
            *("Held", "Missed", "Cancelled by them", *(f"Paid, {currency}" for currency in currencies)),
            *("Notes" if number == 1 else f"Notes, {number}" for number in range(1, columns + 1)),
        ]
    )
    for student in students:
        texts = (student.name, student.discord, ", ".join(student.labels))
        times = (_time(at, zone) for at in (student.first_at, student.last_at, student.next_at))
        paid = dict(student.paid)
        amounts = [currency_of(currency).number(paid.get(currency, 0)) for currency in currencies]
        cells = written.get(student.person_id, [])
        padded = [*map(safe_cell, cells), *[""] * (columns - len(cells))]
        rows.writerow(
            [*map(safe_cell, texts), *times, student.held, student.missed, student.called_off, *amounts, *padded]
        )
    return BYTE_ORDER_MARK + file.getvalue()


def cells_of(notes: Iterable[str]) -> list[str]:
    """The notes about one student in as few cells as hold them, one at least; no note is longer than a cell."""
    cells = [""]
    for note in notes:
        joined = f"{cells[-1]}\n\n{note}" if cells[-1] else note
        if len(joined) > LONGEST_CELL:
            cells.append(note)
        else:
            cells[-1] = joined
    return cells


def note_text(text: str, made_at: datetime, about: str, zone: str) -> str:
    """A note as the file has it: the day it was written, which session it is about if any, and the words."""
    return f"{made_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}{about and f', {about}'}: {text}"


def _has_label(student: Student, label: str) -> bool:
    return not label or label in map(label_key, student.labels)


def _has_words(student: Student, words: Sequence[str]) -> bool:
    known = key_of(" ".join((student.name, student.discord, *student.labels)))
    return all(word in known for word in words)


def _nearness(student: Student) -> tuple[int, float]:
    """First whoever comes next, then whoever was here last, then whoever never came."""
    if student.next_at:
        return 0, student.next_at.timestamp()
    return (1, -student.last_at.timestamp()) if student.last_at else (2, 0)


def _time(at: datetime | None, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if at else ""
