"""A download holds exactly what the list of what is kept about people says (people_columns.py)."""

from peewee import ForeignKeyField

from coaching import schema
from coaching.own_data.archive_actions import SECTIONS
from coaching.own_data.people_columns import ABOUT_PEOPLE

LEFT_OUT = {
    "notice.body": "it may hold a link that lets whoever has it in",
    "security_event.detail": "an admin’s words may name others",
    "picture.webp": "each picture is a file of its own",
}
# By which one entry names another: codes and addresses that stand on pages.
NAMES = {
    "coaching_session.code",
    "product.code",
    "schedule.code",
    "review.code",
    "session_event.person",
    "folder_entry.writer",
}
HOW = "a column that the list has in a download stands in a section of coaching/own_data, and no other one"


def test_every_column_that_the_list_has_in_a_download_is_in_it_and_no_other() -> None:
    listed = {
        f"{about.model._meta.table_name}.{name}"
        for about in ABOUT_PEOPLE
        for way in about.ways
        for name in way.download.split()
        if not isinstance(about.model._meta.fields[name], ForeignKeyField)
    }
    held = {column for section in SECTIONS for column in section.fields}

    assert set() == listed - held - LEFT_OUT.keys(), HOW
    assert set() == held - listed - NAMES, HOW
    assert LEFT_OUT.keys() <= listed - held


def test_each_file_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len({section.name for section in SECTIONS}) == len(SECTIONS)
    assert all(section.about and section.model in schema.MODELS for section in SECTIONS)
