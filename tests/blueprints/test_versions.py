"""Static files are fetched once per version."""

import re

from flask.testing import FlaskClient


def test_a_page_names_its_files_by_version_and_they_may_be_kept_for_good(client: FlaskClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)

    assert addresses
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{10}$", address)
        with client.get(address) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_asked_for_without_version_is_asked_about_each_time(client: FlaskClient) -> None:
    with client.get("/static/app.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
