"""What is sent along with a request: whether it is a form, how much of it there may be, and that it can be read.

A form is read whole before anything else is done with the request. What stops that is the sender's doing or the
line's: they get a page that says so, and no view sees half a form.
"""

from typing import IO, Any

from flask import Flask, Request, current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from coaching.payments.events import LARGEST_EVENT

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Called by machines, which may send along what they like: nothing of it is read.
WITHOUT_BODY = {"operation.process_sessions"}
# Signed over every byte: what is sent to them is read as it comes.
RAW = {"webhooks.hear_of_site", "webhooks.hear_of_store"}
# Where a picture may come along; app.py says how large.
WITH_UPLOAD = {
    *("wizard.create_draft", "wizard.save_step", "wizard.preview_new", "wizard.preview_step"),
    *("extras.add", "extras.save", "coaches.save", "stores.save_settings"),
}
# A step of the wizard and a booking, and the buttons in both that lead elsewhere and take the form along.
LONG = WITH_UPLOAD | {
    *(
        "storefront.book",
        "storefront.price",
        "accounts.keep_form",
        "accounts.sign_in_with_discord",
        "accounts.link",
        "accounts.join",
    ),
    *("accounts.check", "stores.invite_bot"),
}
LARGEST_FORM = 64 * 1024
# The longest description in letters of three bytes, percent-encoded, and then the rest of its form.
LARGEST_LONG_FORM = 256 * 1024
# Of a photograph: larger ones are cut off, and their sender reads that the connection broke.
LARGEST_SKIPPED = 32 * 1024 * 1024
MOST_FIELDS = 200
# A week of 84 spans of two fields, and all days off; thirty questions of five fields and twenty prices of two are less.
MOST_FIELDS_OF_LONG = 1_000


class StrictParser(FormDataParser):
    """A form that cannot be read is a ValueError, and not an empty form: some views need nothing but the press."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options | {"silent": False})


class FormRequest(Request):
    form_data_parser_class = StrictParser

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.streams: list[IO[bytes]] = []

    def _get_file_stream(self, *arguments: Any, **options: Any) -> IO[bytes]:
        self.streams.append(super()._get_file_stream(*arguments, **options))
        return self.streams[-1]

    def close(self) -> None:
        """Also a file that came half is gone."""
        super().close()
        for stream in self.streams:
            stream.close()


class Incoming:
    """The body as it arrives: a line that breaks, a chunk that makes no sense and a body cut short are all a 400.

    One that says no length, as chunks do, is a 413 once it is longer than `most`; Werkzeug would read the first part
    of its text as if it were all.
    """

    def __init__(self, stream: Any, length: int, most: int) -> None:
        self.stream, self.missing, self.room = stream, length, most

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self.stream.read(size)
        except Exception:
            # The server's own errors, of which each server has others.
            raise ClientDisconnected from None
        self.missing -= len(data)
        self.room -= len(data)
        if self.room < 0:
            raise RequestEntityTooLarge
        # What has come so far may read like a whole form.
        if not data and size and self.missing > 0:
            raise ClientDisconnected
        return data


def init_app(app: Flask) -> None:
    """Requests read their forms strictly; blueprints/web.py says when."""
    app.request_class = FormRequest


def read_form() -> None:
    """The request's form is read, or its raw body, or the request ends here with why not: 400, 413 or 415."""
    if request.method in SAFE_METHODS or request.endpoint in WITHOUT_BODY:
        return
    length = request.environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise BadRequest
    if not int(length) and "HTTP_TRANSFER_ENCODING" not in request.environ:
        return
    if request.endpoint in RAW:
        read_raw(int(length))
        return
    if request.mimetype not in FORMS:
        raise UnsupportedMediaType
    most = limit_form()
    if int(length) > most:
        if takes_picture():
            skip_body(int(length))
        raise RequestEntityTooLarge
    request.environ["wsgi.input"] = Incoming(request.environ["wsgi.input"], int(length), most)
    request.max_content_length = most + 1
    try:
        form, files = request.form, request.files
    except ValueError:
        raise BadRequest from None
    if None in form or None in files:
        raise BadRequest  # a part without a name
    refuse_long_form(list(form.items(multi=True)))
    if request.endpoint not in WITH_UPLOAD:
        request.files = ImmutableMultiDict()  # no field of these forms is a file


def read_raw(length: int) -> None:
    """The body is there as it was sent, or the request ends here with why not: 400 or 413."""
    # What is drawn in answer looks for no field in it.
    request.form, request.files = ImmutableMultiDict(), ImmutableMultiDict()
    request.environ["wsgi.input"] = Incoming(request.environ["wsgi.input"], length, LARGEST_EVENT)
    request.max_content_length = LARGEST_EVENT + 1
    if length > LARGEST_EVENT or len(request.get_data()) > LARGEST_EVENT:
        raise RequestEntityTooLarge


def limit_form() -> int:
    """How many bytes may be sent here; beside a picture there is room for no more text than without one."""
    is_long = request.endpoint in LONG
    request.max_form_memory_size = LARGEST_LONG_FORM if is_long else LARGEST_FORM
    request.max_form_parts = MOST_FIELDS_OF_LONG if is_long else MOST_FIELDS
    return int(current_app.config["MAX_CONTENT_LENGTH"]) if takes_picture() else request.max_form_memory_size


def takes_picture() -> bool:
    """True where a picture is asked for, and sent as a file is."""
    return request.endpoint in WITH_UPLOAD and request.mimetype == "multipart/form-data"


def skip_body(length: int) -> None:
    """A photograph that is too large is let through to nowhere: while a browser sends, it reads no answer."""
    if length > LARGEST_SKIPPED:
        return
    while length > 0 and (data := request.environ["wsgi.input"].read(min(length, 64 * 1024))):
        length -= len(data)


def refuse_long_form(fields: list[tuple[str, str]]) -> None:
    """413 for too many fields, or too much text in all: of a multipart form each part was looked at by itself."""
    text = sum(len(name.encode(errors="replace")) + len(value.encode(errors="replace")) for name, value in fields)
    if len(fields) > (request.max_form_parts or 0) or text > (request.max_form_memory_size or 0):
        raise RequestEntityTooLarge
