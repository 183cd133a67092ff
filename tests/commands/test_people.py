"""`flask people`."""

from flask import Flask

from coaching.accounts.models import Person


def test_somebody_becomes_an_admin(app: Flask, bob: Person) -> None:
    result = app.test_cli_runner().invoke(args=["people", "make-admin", str(bob.email).upper()])

    assert result.exit_code == 0, result.output
    assert Person.get_by_id(bob.id).is_admin


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
