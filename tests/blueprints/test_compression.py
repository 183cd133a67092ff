"""Text goes out compressed, once, and only to those who can read it."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from blueprints import compression

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
LONG = "A room of one's own. " * 100


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "app.css").write_text("body { color: green }\n" * 50)
    (tmp_path / "app.css.gz").write_bytes(gzip.compress((tmp_path / "app.css").read_bytes()))
    return tmp_path


@pytest.fixture
def pages(static: Path) -> Iterator[FlaskClient]:
    app = Flask(__name__, static_folder=str(static), static_url_path="/static")
    compression.init_app(app)
    app.add_url_rule("/long", view_func=lambda: LONG, endpoint="long")
    app.add_url_rule("/short", view_func=lambda: "Hello", endpoint="short")
    app.add_url_rule("/wrong", view_func=lambda: (LONG, 422), endpoint="wrong")
    app.add_url_rule("/picture", view_func=lambda: Response(b"x" * 2000, mimetype="image/webp"), endpoint="picture")
    app.add_url_rule("/stream", view_func=lambda: Response(iter([LONG, LONG])), endpoint="stream")
    with app.test_client() as client:
        yield client


def test_a_long_page_goes_out_compressed(pages: FlaskClient) -> None:
    answer = pages.get("/long", headers=GZIP)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(LONG) / 4
    assert gzip.decompress(answer.data).decode() == LONG


def test_a_page_with_mistakes_in_it_goes_out_compressed_too(pages: FlaskClient) -> None:
    assert pages.get("/wrong", headers=GZIP).headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/short", "/picture", "/stream"])
def test_what_gains_nothing_goes_out_as_it_is(pages: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in pages.get(path, headers=GZIP).headers


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0, *;q=0"])
def test_who_cannot_read_gzip_gets_plain_text(pages: FlaskClient, accepted: str) -> None:
    answer = pages.get("/long", headers={"Accept-Encoding": accepted})

    assert answer.get_data(as_text=True) == LONG
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_static_file_is_sent_from_the_copy_beside_it(pages: FlaskClient, static: Path) -> None:
    answer = pages.get("/static/app.css", headers=GZIP)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.data == (static / "app.css.gz").read_bytes()
    assert answer.mimetype == "text/css"


def test_a_compressed_static_file_is_not_sent_twice(pages: FlaskClient) -> None:
    first = pages.get("/static/app.css", headers=GZIP)

    again = pages.get("/static/app.css", headers=GZIP | {"If-None-Match": first.headers["ETag"]}, buffered=True)

    assert again.status_code == 304


def test_a_copy_older_than_its_file_is_not_sent(pages: FlaskClient, static: Path) -> None:
    os.utime(static / "app.css.gz", (1, 1))

    answer = pages.get("/static/app.css", headers=GZIP, buffered=True)

    assert "Content-Encoding" not in answer.headers
    assert answer.data == (static / "app.css").read_bytes()
