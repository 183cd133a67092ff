"""`flask people`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

from flask import Flask

from coaching.accounts.models import Person, SecondFactor, SecurityEvent, SignIn
from coaching.notices.models import Notice
from tests import factories
from tests.fakes import FakeMailer


def test_somebody_becomes_an_admin_and_is_shown_with_what_tells_them_apart(app: Flask, bob: Person) -> None:
    factories.sign_in(app.test_client(), bob)
    result = app.test_cli_runner().invoke(args=["people", "make-admin", str(bob.email).upper()])

    assert result.exit_code == 0, result.output
    assert Person.get_by_id(bob.id).is_admin
    for detail in ("Bob", str(bob.email), "confirmed 2026-01-05", "bob_d", "1 sign-in has ended", "second factor"):
        assert detail in result.output
    assert "MAIL_URL is not set" in result.output
    assert SignIn.select().count() == 0

    factories.sign_in(app.test_client(), bob)
    again = app.test_cli_runner().invoke(args=["people", "make-admin", str(bob.email)])
    assert (again.exit_code, "Bob is an admin already. Nothing was changed." in again.output) == (0, True)
    assert (SignIn.select().count(), SecurityEvent.select().where(SecurityEvent.kind == "became admin").count()) == (
        1,
        1,
    )


def test_nobody_becomes_an_admin_by_mistake(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["people", "make-admin", "nobody@example.com"])

    assert result.exit_code == 1
    assert "nobody@example.com" in result.output


def test_a_reset_link_leads_to_a_page_that_takes_a_new_password(app: Flask, bob: Person) -> None:
    result = app.test_cli_runner().invoke(args=["people", "reset-link", str(bob.email)])

    address = result.output.splitlines()[0]
    assert address.startswith("http://localhost:8000/")
    page = app.test_client().get(address)
    assert page.status_code == 200
    assert 'type="password"' in page.get_data(as_text=True)


def test_an_unconfirmed_address_makes_an_admin_only_if_that_is_said(app: Flask, sending: FakeMailer) -> None:
    """Somebody may have signed up with the operator's address and be waiting for this."""
    squatter = factories.make_person("Mallory", email_verified_at=None)
    run = app.test_cli_runner().invoke
    refused = run(args=["people", "make-admin", str(squatter.email)])

    assert refused.exit_code == 1
    assert "not confirmed" in refused.output
    assert "Nobody has confirmed this address yet" in refused.output
    assert "--unverified" in refused.output
    assert "MAIL_URL" not in refused.output
    assert not Person.get_by_id(squatter.id).is_admin

    assert run(args=["people", "make-admin", "--unverified", str(squatter.email)]).exit_code == 0
    assert Person.get_by_id(squatter.id).is_admin


def test_a_second_factor_is_reset_for_whoever_lost_it(app: Flask, bob: Person, sending: FakeMailer) -> None:
    factories.make_factor(bob)
    browser = app.test_client()
    factories.sign_in(browser, bob)
    run = app.test_cli_runner().invoke

    result = run(args=["people", "reset-second-factor", str(bob.email)])

    assert result.exit_code == 0, result.output
    assert "The second factor of Bob is gone" in result.output
    assert "1 sign-in has ended" in result.output
    assert f"A mail tells {bob.email}" in result.output
    assert SecondFactor.select().count() == 0
    assert browser.get("/dashboard").location.startswith("/sign-in")
    assert "second factor off" in Notice.get().body
    assert "has no second factor" in run(args=["people", "reset-second-factor", str(bob.email)]).output
    assert run(args=["people", "reset-second-factor", "nobody@example.com"]).exit_code == 1


def test_somebodys_sign_ins_are_ended_and_nobody_elses(app: Flask, bob: Person, alice: Person) -> None:
    browser, other = app.test_client(), app.test_client()
    factories.sign_in(browser, bob)
    factories.sign_in(other, alice)

    result = app.test_cli_runner().invoke(args=["people", "sign-out", str(bob.email)])

    assert result.output == "1 sign-in has ended.\n"
    assert browser.get("/dashboard").location.startswith("/sign-in")
    assert other.get("/dashboard").status_code == 200
    assert SecurityEvent.get(SecurityEvent.person == bob, SecurityEvent.kind.startswith("signed out"))


def test_somebody_suspended_becomes_no_admin_until_they_are_restored(app: Flask, bob: Person) -> None:
    Person.update(suspended_at=factories.MADE_AT, suspended_why="Spam").where(Person.id == bob.id).execute()
    run = app.test_cli_runner().invoke
    assert f"flask people restore {bob.email}" in run(args=["people", "make-admin", str(bob.email)]).output
    assert run(args=["people", "restore", str(bob.email)]).output == "Bob can sign in again.\n"
    assert "not suspended" in run(args=["people", "restore", str(bob.email)]).output
    assert run(args=["people", "restore", "nobody@example.com"]).exit_code == 1
    assert run(args=["people", "make-admin", str(bob.email)]).exit_code == 0


def test_everybodys_sign_ins_are_ended(app: Flask, bob: Person, alice: Person) -> None:
    for person in (bob, alice):
        factories.sign_in(app.test_client(), person)

    result = app.test_cli_runner().invoke(args=["people", "sign-out", "--everybody"])

    assert result.output == "2 sign-ins have ended.\n"
    assert SignIn.select().count() == 0


def test_nobody_is_signed_out_by_mistake(app: Flask, bob: Person) -> None:
    factories.sign_in(app.test_client(), bob)
    run = app.test_cli_runner().invoke
    asked = run(args=["people", "sign-out"])
    assert (asked.exit_code, "an address or a number, or --everybody" in asked.output) == (2, True)
    assert run(args=["people", "sign-out", str(bob.email), "--everybody"]).exit_code == 2
    assert run(args=["people", "sign-out", "nobody@example.com"]).exit_code == 1
    assert SignIn.select().count() == 1


def test_an_account_is_deleted_for_somebody_who_cannot_do_it_themselves(app: Flask, bob: Person) -> None:
    running = factories.make_coaching_session(student=bob, starts_at=datetime.now(UTC), state="in_progress")
    run = app.test_cli_runner().invoke
    words = ["people", "delete", str(bob.email)]

    assert "A call of theirs is going on" in run(args=words).output
    running.delete_instance()
    assert "Nothing was deleted" in run(args=words, input="yes\n").output
    assert Person.get_by_id(bob.id).name == "Bob"
    Person.update(suspended_at=datetime.now(UTC)).where(Person.id == bob.id).execute()
    done = run(args=words, input="delete\n")

    assert done.exit_code == 0, done.output
    assert "They stay suspended" in done.output
    assert "bob_d" in done.output
    assert Person.get_by_id(bob.id).name == "Former student"
    assert "Nobody here has the address" in run(args=words).output


def test_what_is_kept_about_somebody_suspended_is_written_for_them(app: Flask, bob: Person, tmp_path: Path) -> None:
    Person.update(suspended_at=datetime.now(UTC), suspended_why="Spam").where(Person.id == bob.id).execute()
    path = tmp_path / "bob.zip"
    run = app.test_cli_runner().invoke
    words = ["people", "export", str(bob.email), str(path)]
    assert run(args=words).exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with ZipFile(path) as archive:
        assert json.loads(archive.read("profile.json"))["email"] == bob.email
    assert SecurityEvent.get(SecurityEvent.kind == "data exported from the command line").person == bob
    # Nothing is written over, and nothing for nobody.
    assert "could not be written: File exists" in run(args=words).output
    assert "Nobody here" in run(args=["people", "export", "nobody@example.com", str(tmp_path / "x.zip")]).output
    assert {path.name for path in tmp_path.iterdir()} <= {"bob.zip", "data"}


def test_somebody_without_an_address_is_helped_by_their_number(app: Flask, bob: Person, tmp_path: Path) -> None:
    whole = {"email": None, "email_key": None, "email_verified_at": None, "suspended_at": datetime.now(UTC)}
    Person.update(**whole).where(Person.id == bob.id).execute()
    path = tmp_path / "bob.zip"

    def run(*words: str, typed: str = "") -> str:
        return app.test_cli_runner().invoke(args=["people", *words], input=typed).output

    exported = run("export", f"{bob.id}", str(path))
    assert path.exists(), exported
    assert "Address  none" in exported
    assert "bob_d" in exported
    assert "direct message" in exported
    assert "ended" in run("sign-out", f"#{bob.id}")
    assert "Bob can sign in again" in run("restore", f"#{bob.id}")
    assert "The account is deleted" in run("delete", f"{bob.id}", typed="delete\n")
    assert Person.get_by_id(bob.id).name == "Former student"
    for act in (("restore",), ("delete",), ("export",)):
        more = (str(tmp_path / "x.zip"),) if act == ("export",) else ()
        assert "was deleted" in run(*act, f"{bob.id}", *more)
        assert "Nobody here has the number" in run(*act, "9" * 9, *more)
        assert "Nobody here has the number" in run(*act, "9" * 30, *more)
