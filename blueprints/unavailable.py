"""The page for when nothing can be written: what was typed stays on it, and one press sends it again.

It asks no database, since that may be what is away. The words are given back to the browser that has sent them just
now, and only where the form was drawn for whom its cookie names. Passwords and codes are typed again, files chosen
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from blueprints import parking, stamps
from blueprints.web import SAFE_METHODS, comes_from_here, render, safe_next

COME_BACK_SECONDS = 5
SECRET_NAMES = ("password", "secret", "recovery", "factor_code")
LABELS = {
    "password": "Password",
    "new_password": "New password",
    "current_password": "Present password",
    "factor_code": "Code from your app",
}
# They count once, and whoever types one looks at it.
CODES = ("recovery_code", "factor_code")


@dataclass(frozen=True)
class Secret:
    """Something that has to be typed again, under which label, and what the browser may fill in."""

    name: str
    label: str

    @property
    def is_code(self) -> bool:
        return self.name in CODES

    @property
    def autocomplete(self) -> str:
        known = {"factor_code": "one-time-code", "recovery_code": "off", "new_password": "new-password"}
        return known.get(self.name, "current-password")


@dataclass(frozen=True)
class SentForm:
    """What a person has sent, to be sent again: names and values, and of those not kept the names."""

    fields: Sequence[tuple[str, str]]
    secrets: Sequence[Secret]
    had_files: bool
    is_multipart: bool

    @property
    def is_typed(self) -> bool:
        """False for a mere button, whose form holds nothing of the person's own."""
        drawn = parking.NOT_TYPED | {stamps.FIELD, parking.SEEN, "mark"}
        return bool(self.secrets) or self.had_files or any(value for name, value in self.fields if name not in drawn)

    @property
    def not_kept(self) -> str:
        """Which of the secrets have to be typed again: `the password and the code`; empty without any."""
        kinds = {"code" if secret.is_code else "password" for secret in self.secrets}
        return " and ".join(f"the {kind}" for kind in sorted(kinds, reverse=True))


def show(text: str) -> Response:
    """503 with this sentence, the way to try again, and what was sent."""
    if "_login_user" not in g:
        # Whatever draws a page asks who is here, and that is in the database.
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    is_form = request.method not in SAFE_METHODS
    answer = render(
        "errors/unavailable.html",
        status=503,
        text=text,
        address=safe_next(request.full_path.rstrip("?"), ""),
        is_form=is_form,
        sent=sent_form() if is_form else None,
        demo=False,
    )
    answer.headers["Retry-After"] = str(COME_BACK_SECONDS)
    return answer


def sent_form() -> SentForm | None:
    """The form that was sent, as far as it may be shown here; None where it may not, or cannot be read."""
    if request.endpoint is None or not comes_from_here():
        return None
    try:
        form, files = request.form, request.files
    except (HTTPException, OSError):
        return None
    if not stamps.is_of_this_cookie():
        return None
    names = dict.fromkeys(form)
    secrets = [name for name in names if any(word in name.lower() for word in SECRET_NAMES)]
    # Of two fields of which one is enough, the other one was left empty, and stays so.
    typed = [name for name in secrets if any(form.getlist(name))]
    return SentForm(
        fields=[(name, value) for name, value in form.items(multi=True) if name not in secrets],
        secrets=[Secret(name, LABELS.get(name, name.replace("_", " ").capitalize())) for name in typed],
        had_files=any(file.filename for file in files.values()),
        is_multipart=request.mimetype == "multipart/form-data",
    )
