"""The page for when nothing can be written: what was typed stays on it, and one press sends it again.

It asks no database, since that may be what is away. The words are given back to the browser that has sent them just
now, and only where the form was drawn for whom its cookie names. Passwords, codes and files are given again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, request, session
from werkzeug.exceptions import HTTPException

from blueprints import saved_forms, stamps
from blueprints.bodies import SAFE_METHODS
from blueprints.forms import is_secret
from blueprints.same_origin import comes_from_here
from blueprints.signed_in import stay_unknown
from blueprints.web import render, safe_next

COME_BACK_SECONDS = 5
# What the field of a secret is called, and what a browser may fill it in with.
SECRET_FIELDS = {
    "new_password": ("New password", "new-password"),
    "current_password": ("Present password", "current-password"),
    "factor_code": ("Code from your app", "one-time-code"),
    "recovery_code": ("Recovery code", "off"),
}


@dataclass(frozen=True)
class SentForm:
    """What a person has sent, to be sent again: names and values, and of secrets that were filled in the names."""

    fields: Sequence[tuple[str, str]]
    secrets: Sequence[tuple[str, str, str]]  # with label and autocomplete
    had_files: bool
    is_multipart: bool

    @property
    def is_typed(self) -> bool:
        """False for a mere button, whose form holds nothing of the person's own."""
        drawn = saved_forms.NOT_TYPED | {stamps.FIELD, saved_forms.SEEN, "mark"}
        return bool(self.secrets) or self.had_files or any(value for name, value in self.fields if name not in drawn)

    @property
    def not_kept(self) -> str:
        """Which of the secrets have to be typed again: `the password and the code`; empty without any."""
        kinds = {"password" if "password" in autocomplete else "code" for *_, autocomplete in self.secrets}
        return " and ".join(f"the {kind}" for kind in sorted(kinds, reverse=True))


def show(text: str) -> Response:
    """503 with this sentence, the way to try again, and what was sent."""
    stay_unknown()
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
    return form_in(request, session) if request.endpoint else None


def form_in(asked: Request, cookie: Mapping[str, Any]) -> SentForm | None:
    """The same of this request, whose browser has this cookie."""
    if not comes_from_here(asked):
        return None
    try:
        form, files = asked.form, asked.files
    except (HTTPException, OSError, ValueError):
        return None
    if not stamps.is_of_cookie(form, cookie):
        return None
    # One that was left empty, as a recovery code is by whoever has the app, goes along as it is.
    secrets = dict.fromkeys(name for name, value in form.items(multi=True) if value and is_secret(name))
    return SentForm(
        fields=[(name, value) for name, value in form.items(multi=True) if name not in secrets],
        secrets=[(name, *SECRET_FIELDS.get(name, ("Password", "current-password"))) for name in secrets],
        had_files=any(file.filename for file in files.values()),
        is_multipart=asked.mimetype == "multipart/form-data",
    )
