"""`flask secrets`: what is encrypted is brought to the newest key, in steps that may be broken off."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from coaching import resealing, vault
from coaching.db import database
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from coaching.vault import UNREADABLE

OLD, NEW = b"o" * 32, b"n" * 32
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)


def write(count: int = 1, text: str = "https://greenroom.example.com/reset/abc") -> None:
    for _ in range(count):
        enqueue(f"key {Notice.select().count()}", "reset", "bob@example.com", "New password", text, NOW)


def stored() -> list[str]:
    return [row[0] for row in database.execute_sql("SELECT body FROM notice ORDER BY id").fetchall()]


def write_openly() -> None:
    write()
    database.execute_sql("UPDATE notice SET body = 'as it was once'")


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["secrets", *words])
    return result.exit_code, result.output


def test_a_mail_with_its_link_is_not_readable_in_the_table(db: None) -> None:
    write()

    assert Notice.get().body.startswith("https://")
    assert all("https" not in text for text in stored())


def test_the_doctors_sample_sees_old_and_new_texts_of_any_number(app: Flask) -> None:
    assert resealing.sample() == {}
    vault.keys.use([OLD])
    write()
    vault.keys.use([NEW])
    write(2 * resealing.SAMPLE)

    # The oldest one is among them, and what lies in between is not looked at.
    assert resealing.sample() == {"unreadable": 1, "newest": 2 * resealing.SAMPLE - 1}
    assert app.extensions["site"]().sealed["unreadable"] == 1


@pytest.mark.parametrize("count", [1, resealing.BATCH, resealing.BATCH + 1])
def test_everything_is_sealed_with_the_newest_key(app: Flask, count: int) -> None:
    vault.keys.use([OLD])
    write(count)
    vault.keys.use([NEW, OLD])
    assert run(app, "check")[0] == 1

    code, output = run(app, "rotate")

    assert code == 0, output
    assert f"Now {count} of {count}" in output
    vault.keys.use([NEW])
    assert run(app, "check")[0] == 0
    assert {notice.body for notice in Notice.select()} == {"https://greenroom.example.com/reset/abc"}


def test_a_run_that_was_broken_off_goes_on_with_what_is_left(app: Flask) -> None:
    vault.keys.use([OLD])
    write(resealing.BATCH + 1)
    vault.keys.use([NEW, OLD])
    for field, batch in [
        (field, next(resealing._batches(field))) for field in resealing.FIELDS if field.model is Notice
    ]:
        for number, text in batch:
            resealing._reseal(field, number, text)

    assert run(app, "rotate")[1].startswith("1 text was encrypted with an older key")
    assert run(app, "check")[0] == 0


def test_a_second_run_has_nothing_to_do(app: Flask) -> None:
    write(2)
    before = stored()

    assert run(app, "rotate")[0] == 0
    assert stored() == before


def test_what_changed_while_it_was_being_resealed_is_kept(db: None) -> None:
    write_openly()
    field = next(field for field in resealing.FIELDS if field.model is Notice)
    (seen,) = next(iter(resealing._batches(field)))
    Notice.update(body="written meanwhile").execute()

    resealing._reseal(field, *seen)

    assert Notice.get().body == "written meanwhile"


def test_what_was_written_before_there_was_a_vault_is_sealed_by_the_next_migrate(app: Flask) -> None:
    write_openly()
    assert Notice.get().body == "as it was once"
    assert "not encrypted" in run(app, "check")[1]

    result = app.test_cli_runner().invoke(args=["db", "migrate"])

    assert result.output == "Encrypted what was not: 1 in all.\n"
    assert "once" not in stored()[0]
    assert Notice.get().body == "as it was once"


def test_a_missing_key_is_said_and_what_it_sealed_is_left_alone(app: Flask) -> None:
    vault.keys.use([OLD])
    write()
    before = stored()
    vault.keys.use([NEW])

    for command in ("rotate", "check"):
        code, output = run(app, command)
        assert code == 1
        assert "SECRET_KEY_FALLBACKS" in output
    Notice.get().save()

    assert stored() == before
    assert Notice.get().body == UNREADABLE
