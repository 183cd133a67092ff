"""The two pages that set a second factor up, for whoever is signed in and for who has to do it first."""

from typing import Any

from flask import current_app, flash, redirect, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from blueprints.accounts.forms import NewFactorForm
from blueprints.web import render
from coaching.accounts.models import Person
from coaching.accounts.one_time_codes import address_for_apps, in_groups


def show_set_up(person: Person, secret: str, form: NewFactorForm, status: int = 200, **context: Any) -> Response:
    """The secret as a picture and as text, and the field for a first code."""
    site_name = current_app.extensions["settings"].site_name
    address = address_for_apps(secret, person.email or person.name, site_name)
    return render(
        "accounts/factor_set_up.html",
        status=status,
        form=form,
        picture=picture_of(address),
        address=address,
        secret=in_groups(secret),
        **context,
    )


def show_recovery_codes(codes: list[str], back: str, *, is_new: bool) -> Response:
    """The codes, this once; `is_new` when the second factor is, too."""
    return render("accounts/recovery_codes.html", codes=codes, back=back, is_new=is_new)


def show_it_is_set_up() -> Response:
    """For a page that was sent twice, or loaded again: the codes were in the first answer only."""
    flash("It is set up already. Did you not see your recovery codes? Make new ones.", "warn")
    return redirect(url_for("accounts.factor"), 303)


def picture_of(text: str) -> Markup:
    """A QR code, dark on light whatever the page's colours are: not every camera reads it the other way round."""
    import segno  # half a megabyte, for whoever sets one up

    return Markup(
        segno.make(text, error="m", micro=False).svg_inline(
            omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff", border=4, title="QR code"
        )
    )
