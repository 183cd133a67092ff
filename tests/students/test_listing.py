"""A coach's students as a list: found by words, narrowed by a label, in order, page by page, and as a file. Pure."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

from coaching.students.listing import LONGEST_NOTE, Asked, Student, csv_of, matching_students, note_text, page_of

NOW = datetime(2027, 3, 9, 22, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ZOE = Student(
    1, "Zoë Çelik", "zoe_c", 3, 2, 1, 0, NOW - 9 * DAY, NOW - 2 * DAY, None, False, ("VIP",), (("EUR", 9000),)
)
BOB = Student(2, "Bob Stone", "", 1, 1, 0, 0, NOW - 5 * DAY, NOW - 5 * DAY, NOW + DAY, False, ("Spring EP", "vip"))
ADA = Student(3, "Ada Stone", "ada", 2, 0, 0, 1, None, None, NOW + 2 * DAY, False, (), (("EUR", -100), ("JPY", 4900)))
NEW = Student(4, "adam", "", 1, 0, 0, 0, None, None, None)
ALL = [NEW, ADA, ZOE, BOB]


def test_students_are_found_by_their_names_and_labels_however_they_are_typed() -> None:
    for asked, names in (
        (Asked(), [BOB, ADA, ZOE, NEW]),  # who comes next, who was here last, who never came
        (Asked(order="name"), [ADA, NEW, BOB, ZOE]),
        (Asked("zoe"), [ZOE]),
        (Asked("  CELIK  zo"), [ZOE]),
        (Asked("zoe_c"), [ZOE]),
        (Asked("stone ada"), [ADA]),
        (Asked("ep spring"), [BOB]),
        (Asked(label="Vip"), [BOB, ZOE]),
        (Asked("stone", label="VIP"), [BOB]),
        (Asked(label="vi"), []),
        (Asked("%"), []),
        (Asked("_"), [ZOE]),
    ):
        assert matching_students(ALL, asked) == names, asked


def test_a_page_that_is_none_is_the_last_one() -> None:
    many = [replace(NEW, person_id=number) for number in range(120)]
    for number, listed, at in ((1, 50, 1), (3, 20, 3), (4, 20, 3), (-1, 50, 1)):
        page = page_of(many, number)
        assert (len(page.students), page.number, page.last, page.count) == (listed, at, 3, 120)
    assert page_of([], 7).number == page_of([], 7).last == 1


def test_a_spreadsheet_takes_no_words_for_a_formula() -> None:
    hostile = replace(ZOE, name='=HYPERLINK("x")', discord="@evil", labels=("+1", "-2"))
    text = csv_of([hostile, ADA], "Europe/Berlin", {1: ["=1+1\nsecond line"]})
    assert text.startswith("\ufeff")
    first, second = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    assert first == {
        **{"Student": '\'=HYPERLINK("x")', "Discord": "'@evil", "Labels": "'+1, -2"},
        **{"First session": "2027-02-28 23:30", "Last session": "2027-03-07 23:30", "Next session": ""},
        **{"Held": "2", "Missed": "1", "Cancelled by them": "0", "Paid, EUR": "90.00", "Paid, JPY": "0"},
        "Notes": "'=1+1\nsecond line",
    }
    assert (second["Paid, EUR"], second["Paid, JPY"], second["Notes"]) == ("-1.00", "4900", "")
    # What no cell of a spreadsheet holds goes on in the next one, and nothing of it is lost.
    many = [f"{number}: " + "x" * (LONGEST_NOTE - 3) for number in range(5)]
    first, second = csv.DictReader(StringIO(csv_of([ZOE, BOB], "Europe/Berlin", {1: ["-1", *many]})))
    assert (first["Notes"], first["Notes, 2"]) == ("'-1\n\n" + "\n\n".join(many[:3]), "\n\n".join(many[3:]))
    assert (second["Notes"], second["Notes, 2"]) == ("", "")
    # Notes leave only where they are asked for.
    assert "Notes" not in csv_of([hostile], "Europe/Berlin")


def test_a_note_in_the_file_says_its_day_and_what_it_is_about() -> None:
    late = datetime(2027, 3, 9, 23, 30, tzinfo=UTC)
    assert note_text("Good ears.", late, "Mixing call", "Europe/Berlin") == "2027-03-10, Mixing call: Good ears."
    assert note_text("Good ears.", late, "", "America/New_York") == "2027-03-09: Good ears."
