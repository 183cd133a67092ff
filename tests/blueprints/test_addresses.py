"""Addresses that are remembered: never one for another page, value, kind of value, mount or form of address."""

from flask import Blueprint, request, url_for

from blueprints import addresses
from blueprints.addresses import SiteFlask


def small_app() -> SiteFlask:
    app = SiteFlask(__name__)
    app.add_url_rule("/n/<thing>", "n", lambda thing: url_for("n", thing=thing))
    for name in ("one", "two"):
        part = Blueprint(name, __name__, url_prefix=f"/{name}")
        part.add_url_rule("/here", "here", lambda: url_for(".here"))
        app.register_blueprint(part)
    return app


def test_a_remembered_address_is_that_of_all_it_depends_on() -> None:
    app = small_app()
    with app.test_request_context("/"):
        for _ in range(2):
            assert url_for("n", thing="x") == "/n/x"
            assert url_for("n", thing=1, more=True) == "/n/1?more=True"
            assert url_for("n", thing=1, more=1) == "/n/1?more=1"
            assert url_for("n", thing="1", more=None) == "/n/1"
            assert url_for("n", thing="a b", _anchor="c") == "/n/a%20b#c"
            assert url_for("n", thing="a b", _external=True) == "http://localhost/n/a%20b"
    with app.test_request_context("/", base_url="http://other.example/below"):
        assert url_for("n", thing="x") == "/below/n/x"
        assert url_for("n", thing="x", _external=True) == "http://other.example/below/n/x"
    client = app.test_client()
    assert [client.get(f"/{name}/here").text for name in ("one", "two", "one")] == [
        "/one/here",
        "/two/here",
        "/one/here",
    ]


def test_what_others_choose_fills_no_memory() -> None:
    app = small_app()
    with app.test_request_context("/"):
        for number in range(2 * addresses.MOST):
            url_for("n", thing=number)
        assert url_for("n", thing="x" * addresses.LONGEST) == f"/n/{'x' * addresses.LONGEST}"
        assert 0 < len(app._known) <= addresses.MOST
        assert max(map(len, app._known.values())) <= addresses.LONGEST


def test_what_one_browser_has_in_its_address_is_in_nobody_elses() -> None:
    app = small_app()
    part = Blueprint("keyed", __name__, url_prefix="/keyed")
    part.add_url_rule("/here", "here", lambda: f"{url_for('.here', code='x')} {url_for('keyed.here', code='x')}")
    part.url_defaults(lambda endpoint, values: values.update(request.args))
    app.register_blueprint(part)
    client = app.test_client()

    for query in ("?key=mine", "", "?key=theirs"):
        own = f"/keyed/here?code=x{query.replace('?', '&')}"
        assert client.get(f"/keyed/here{query}").text == f"{own} {own}"
