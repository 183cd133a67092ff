"""Bodies that no form of ours sends: each is tried at every address that takes a POST, and none breaks anything."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.bodies import LARGEST_LONG_FORM, RAW, WITHOUT_BODY
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from tests import factories
from tests.blueprints.test_attacks import own_addresses, rows

# A body is refused before any of it comes near a database.
pytestmark = pytest.mark.one_database

Browser = Callable[..., FlaskClient]
TEXT, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
# What is filled in, pressed or sent along somewhere.
NAMES = (
    *(
        "name",
        "email",
        "password",
        "current_password",
        "new_password",
        "zone",
        "slug",
        "guild_id",
        "access_mode",
        "seen",
    ),
    *(
        "drawn_for",
        "form_key",
        "title",
        "display_style",
        "picture",
        "then",
        "go",
        "act",
        "drawn",
        "seen-state",
        "state",
    ),
    *("outcome", "is_paid", "decision", "reset", "goals", "starts_at", "offer", "mark", "closed", "to"),
)


class Line:
    """A line on which the server's own error comes instead of the body."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, size: int = -1) -> bytes:
        raise self.error

    def tell(self) -> int:
        return 0

    def seek(self, *_: int) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Body:
    """What is sent: `is_form` where it can be read as a form, if one of nonsense."""

    content: bytes = b""
    content_type: str | None = TEXT
    environ: dict[str, Any] = field(default_factory=dict)
    is_form: bool = False

    def send(self, client: FlaskClient, address: str, **headers: str) -> TestResponse:
        environ = {"CONTENT_LENGTH": str(len(self.content))} | self.environ
        if self.content_type:
            environ["CONTENT_TYPE"] = self.content_type
        stream = environ.pop("stream", lambda: BytesIO(self.content))()
        return client.post(address, input_stream=stream, environ_overrides=environ, headers=headers)


def part(disposition: str, content: str = "hello", *more: str) -> bytes:
    return "\r\n".join(["--x", f"Content-Disposition: {disposition}", *more, "", content, ""]).encode()


def chunked(**environ: Any) -> dict[str, Any]:
    """As gunicorn hands a body on whose length nobody has said."""
    return {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""} | environ


FILES = b"".join(part(f'form-data; name="{name}"; filename="a.txt"', "hello") for name in NAMES) + b"--x--\r\n"
# One of each kind, for all addresses.
WRONG = {
    "json": Body(json.dumps(dict.fromkeys(NAMES, 1)).encode(), "application/json"),
    "files": Body(FILES, PARTS, is_form=True),
    "no name": Body(part("form-data") + b"--x--\r\n", PARTS),
    "cut": Body(FILES[:60], PARTS),
    "bad chunk": Body(environ=chunked(stream=lambda: Line(RuntimeError("bad chunk")))),
    "too much": Body(b"name=" + b"x" * LARGEST_LONG_FORM),
    "twice, with NUL and half letters": Body(
        "&".join(f"{name}=%00%ed%a0%80&{name}=2" for name in NAMES).encode(), is_form=True
    ),
}
# Further ones of these kinds, for a page of visitors, a long form and a form with a picture.
FURTHER = {
    "json, deep": Body(b"[" * 50_000, "application/json"),
    "no boundary": Body(FILES, "multipart/form-data"),
    "short": Body(b"name=x", environ={"CONTENT_LENGTH": "500"}),
    "not in UTF-8": Body(b"name=\xff"),
    "json list": Body(b"[1]", "application/json"),
    "json, broken": Body(b'{"name":', "application/json"),
    "xml": Body(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "text/xml"),
    "no type": Body(b"name=x", None),
    "odd type": Body(b"name=x", "\xff/\xfe;;;="),
    "odd boundary": Body(FILES, "multipart/form-data; boundary=\xe9\xff"),
    "another boundary": Body(FILES, "multipart/form-data; boundary=y"),
    "long boundary": Body(b"x", "multipart/form-data; boundary=" + "y" * 5_000),
    "no disposition": Body(b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n", PARTS),
    "odd part": Body(b"--x\r\nnonsense\r\n\r\nhello\r\n--x--\r\n", PARTS),
    "long name": Body(part(f'form-data; name="{"n" * 60_000}"') + b"--x--\r\n", PARTS, is_form=True),
    "file cut": Body(FILES, PARTS, {"CONTENT_LENGTH": "50000"}),
    "length: negative": Body(b"name=x", environ={"CONTENT_LENGTH": "-5"}),
    "length: no number": Body(b"name=x", environ={"CONTENT_LENGTH": "abc"}),
    "length: odd digits": Body(b"name=x", environ={"CONTENT_LENGTH": "²"}),
    "length: huge": Body(b"name=x", environ={"CONTENT_LENGTH": "9" * 5_000}),
    "reset": Body(environ={"stream": lambda: Line(ConnectionResetError(104, "reset")), "CONTENT_LENGTH": "500"}),
    "chunks without end": Body(environ=chunked(stream=lambda: BytesIO(b"name=" + b"x" * 3_000_000))),
    "chunks of a picture": Body(content_type=PARTS, environ=chunked(stream=lambda: BytesIO(b"x" * 11_000_000))),
    "text of a whole picture": Body(b"name=" + b"x" * 9_500_000),
    "text beside a picture": Body(part('form-data; name="title"', "x" * LARGEST_LONG_FORM) + b"--x--\r\n", PARTS),
    "text in many parts": Body(
        b"".join(part(f'form-data; name="f{n}"', "x" * 60_000) for n in range(9)) + b"--x--\r\n", PARTS
    ),
    "many fields": Body(b"&".join(b"f%d=1" % n for n in range(20_000))),
    "many parts": Body(b"".join(part(f'form-data; name="f{n}"') for n in range(1_500)) + b"--x--\r\n", PARTS),
    "utf-16": Body("name=\N{CYRILLIC SMALL LETTER EF}".encode("utf-16"), TEXT + "; charset=utf-16"),
    "unknown charset": Body(b"name=x", TEXT + "; charset=klingon", is_form=True),
    "brackets": Body(b"name" + b"[a]" * 15_000 + b"=1&=&&&=x", is_form=True),
    "part in utf-7": Body(
        part('form-data; name="name"', "+AGE-", "Content-Type: text/plain; charset=utf-7") + b"--x--\r\n",
        PARTS,
        is_form=True,
    ),
    "long headers": Body(
        b"name=x",
        environ={
            "HTTP_COOKIE": "a=" + "x" * 60_000,
            "HTTP_REFERER": "x" * 8_000,
            "HTTP_HX_CURRENT_URL": "\xff" * 8_000,
        },
        is_form=True,
    ),
}


@pytest.fixture
def product(app: Flask, alice: Person) -> Product:
    """Alice's product, published, in her store."""
    app.testing = False  # a crash is a page here, as it is for people
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


@pytest.fixture
def coaching_session(product: Product, bob: Person) -> CoachingSession:
    return factories.make_coaching_session(product, bob, starts_at=datetime.now(UTC) + timedelta(days=3))


def test_no_wrong_body_at_any_address_breaks_or_changes_anything(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser, alice: Person, bob: Person
) -> None:
    """As visitor, student and coach. What cannot be read as a form is refused, and does nothing at all."""
    pages = own_addresses(app, "POST", product, coaching_session)
    for person in (None, bob, alice):
        client = browser_of(person)
        before = rows()
        for endpoint, address in pages:
            for kind, body in WRONG.items():
                if not body.is_form and endpoint not in WITHOUT_BODY | RAW:
                    assert_refused(body.send(client, address), f"{kind} at {address}")
        assert rows() == before
        for _, address in pages:
            # Signed in anew: some of these sign out.
            client = browser_of(person)
            for kind, body in WRONG.items():
                if body.is_form:
                    assert_page(body.send(client, address), f"{kind} at {address}")


def test_no_further_wrong_body_breaks_or_changes_anything(product: Product, browser_of: Browser) -> None:
    visitor, coach = browser_of(), browser_of(product.store.owner)
    step = f"/products/{product.code}/thumbnail"
    pages = [(visitor, "/sign-in"), (visitor, "/s/nova/mixing-call/sessions"), (coach, step)]
    before = rows()
    for is_form, check in ((False, assert_refused), (True, assert_page)):
        for client, address in pages:
            for kind, body in FURTHER.items():
                if body.is_form is is_form:
                    check(body.send(client, address), f"{kind} at {address}")
        assert is_form or rows() == before


def test_htmx_puts_a_refusal_above_the_form_which_stays_as_it_was(product: Product, browser_of: Browser) -> None:
    coach = browser_of(product.store.owner)
    picture = Body(part('form-data; name="picture"; filename="a.jpg"', "x" * 11_000_000) + b"--x--\r\n", PARTS)
    answer = picture.send(coach, f"/products/{product.code}/thumbnail", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Push-Url"]) == (413, "false")
    assert "<html" not in answer.text
    assert "No picture larger than 10 MB fits" in answer.text
    assert "What you typed is still here" in answer.text
    handling = json.loads(unescape(re.findall("name=\"htmx-config\" content='(.+?)'", coach.get("/settings").text)[0]))
    swapping = next(rule for rule in handling["responseHandling"] if re.search(rule["code"], "413"))
    assert (swapping["swap"], swapping["target"]) == (True, "#refused")


def test_a_trip_that_comes_back_without_a_code_ends_on_a_page(app: Flask, client: FlaskClient) -> None:
    app.testing = False
    for words in ("", "code=", "code=%00", "error=", "error=%00", "error_description=x", "error=x&code=%ff"):
        away = client.post("/discord/sign-in")
        state = parse_qs(urlsplit(away.location).query)["state"][0]
        answer = client.get(f"/api/auth/discord/callback?state={state}&{words}")
        assert answer.status_code == (502 if words.startswith("error=x") else 400), words  # 502: Discord's own refusal
        assert "Nothing was changed" in answer.text, words
        assert "does not fit" in client.get(f"/api/auth/discord/callback?state={state}").text, words


def assert_page(answer: TestResponse, where: str) -> None:
    assert answer.status_code < 500, f"{where}: {answer.status_code}"
    assert "Traceback" not in answer.text, where


def assert_refused(answer: TestResponse, where: str) -> None:
    """A page, with a way on, says that this was not taken."""
    assert answer.status_code in (400, 413, 415), f"{where}: {answer.status_code}"
    assert "<h1>" in answer.text, where
    assert 'class="button' in answer.text, where
