"""The door in front of Flask: a rush of passwords is answered there as it would be inside, and told in a line."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints import door
from coaching.accounts import passwords
from coaching.accounts.models import Person
from coaching.errors import Busy
from coaching.rate_limits.buckets import TokenBuckets
from settings import Settings
from tests.factories import PASSWORD, make_person

HERE = "203.0.113.7"
Answer = tuple[int, list[tuple[str, str]], str]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, trusted_proxies=1)


@pytest.fixture
def rush(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password can be hashed any more."""
    monkeypatch.setattr(passwords.hashing, "permits", passwords.Permits(0, 0))


def answer_of(app: Flask, client: FlaskClient, path: str, **asked: object) -> Answer:
    answer = client.post(path, **asked)  # type: ignore[arg-type]
    # What a page says of its cookie, and the length of a body that is not compressed, are no part of it.
    headers = [(name, value) for name, value in answer.headers.items() if name not in ("Vary", "Content-Length")]
    return answer.status_code, sorted(headers), answer.text


def test_the_door_answers_as_flask_would(app: Flask, browser_of: Callable[..., FlaskClient]) -> None:
    bob, eve = make_person("Bob"), make_person("Eve")
    visitor, own = browser_of(), browser_of(bob)
    typed = {"email": "<b>@example.com", "password": PASSWORD, "name": "Bo & b", "empty": ""}
    of_bob, of_eve = ({"drawn_for": app.extensions["stamps"].dumps([person.id, None])} for person in (bob, eve))
    with own.session_transaction() as cookie:
        cookie["holder"] = bob.id
    foreign = {"Origin": "https://evil.example"}
    plain = "application/x-www-form-urlencoded"
    cases: list[tuple[FlaskClient, str, dict[str, object]]] = [
        (visitor, "/sign-in", {"data": typed}),
        (visitor, "/sign-in?next=/s/nova", {"data": typed}),
        (visitor, "/sign-up", {"data": typed}),
        (visitor, "/reset-password/some-token", {"data": typed}),
        (own, "/settings/password", {"data": typed | of_bob}),
        (own, "/settings/password", {"data": typed | of_eve}),
        (own, "/settings/password", {"data": typed | {"drawn_for": "no stamp of ours"}}),
        (visitor, "/sign-in", {"data": typed, "headers": foreign}),
        (visitor, "/sign-in", {"data": typed, "headers": {"Sec-Fetch-Site": "cross-site"}}),
        (visitor, "/sign-in", {"data": typed, "headers": {"Host": "evil.example"}}),
        (visitor, "/sign-in", {"data": typed, "content_type": "multipart/form-data"}),
        (visitor, "/sign-in", {"data": b"email=%ff%zz&&=&password", "content_type": plain}),
        (visitor, "/sign-in", {"data": b"x" * 70_000, "content_type": plain}),
        (visitor, "/sign-in", {"data": b"{}", "content_type": "application/json"}),
        (visitor, "/forgotten-password", {"data": {"email": ""}}),
        (visitor, "/no-such-page", {"data": typed}),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "monotonic", lambda: 100.0)
        patch.setattr(passwords.hashing, "permits", passwords.Permits(0, 0))
        at_the_door = [answer_of(app, client, path, **asked) for client, path, asked in cases]
        patch.setattr(passwords.hashing, "permits", passwords.Permits(0, 0))
        patch.setattr(door.Door, "_refusal", lambda *_: None)
        inside = [answer_of(app, client, path, **asked) for client, path, asked in cases]

    for case, here, there in zip(cases, at_the_door, inside, strict=True):
        assert here == there, case[1:]
    assert [status for status, *_ in at_the_door[:9]] == [503] * 9
    kept = ["&lt;b&gt;@example.com" in text for *_, text in at_the_door[:9]]
    assert kept == [True] * 5 + [False] * 4, "nobody is shown what was typed for somebody else, or elsewhere"
    assert not any(PASSWORD in text for *_, text in at_the_door)


def test_a_rush_is_told_to_come_back_one_after_the_other(
    app: Flask, client: FlaskClient, rush: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0
    monkeypatch.setattr(passwords, "monotonic", lambda: seconds)

    def waits_of(count: int) -> list[int]:
        answers = [client.post("/sign-in", data={"password": PASSWORD}) for _ in range(count)]
        for answer in answers:
            assert f"Try again in {answer.headers['Retry-After']} seconds." in answer.text
        return [int(answer.headers["Retry-After"]) for answer in answers]

    first = waits_of(60)
    assert (first[0], first[-1]) == (5, 23)
    assert first == sorted(first)
    assert max(map(first.count, first)) <= 1 / passwords.ONE_TURN + 1, "so many a second as can be hashed"
    seconds += 9.5
    assert waits_of(1) == [14], "who comes later is after them"
    seconds += 60
    assert waits_of(1) == [5]
    assert max(waits_of(300)) == passwords.LATEST_TURN


def test_of_a_rush_flask_sees_nothing(app: Flask, client: FlaskClient, rush: None) -> None:
    def fail(*_: object) -> None:
        pytest.fail("Flask was asked")

    app.full_dispatch_request = fail  # type: ignore[method-assign,assignment]
    assert client.post("/sign-in", data={"email": "bob@example.com", "password": PASSWORD}).status_code == 503


def test_who_is_refused_at_the_door_counts_as_anybody_else(app: Flask, client: FlaskClient, rush: None) -> None:
    app.extensions["view_buckets"] = TokenBuckets(0.01, 3, lambda: 0.0)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = HERE
    answers = [client.post("/sign-in", data={"password": PASSWORD}).status_code for _ in range(5)]
    assert answers == [503] * 3 + [429] * 2
    counted = {key[1]: number for key, number in app.extensions["http_figures"]._counts.items()}
    assert counted["/sign-in POST 503"] == 3


def test_a_rush_is_told_in_a_line_a_second_with_all_who_were_refused(
    client: FlaskClient, rush: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0
    monkeypatch.setattr(door, "monotonic", lambda: seconds)

    def logged() -> list[tuple[int, str]]:
        return [(line.requests, line.limit) for line in caplog.records if line.message == "rush refused"]  # type: ignore[attr-defined]

    with caplog.at_level(logging.INFO, "greenroom.access"):
        for _ in range(20):
            client.post("/sign-in", data={"password": PASSWORD})
        client.get("/healthz")
        assert logged() == [(1, Busy.limit)]
        seconds += door.LOG_EVERY
        client.get("/healthz")
        client.get("/healthz")
    assert logged() == [(1, Busy.limit), (19, Busy.limit)]
    assert PASSWORD not in caplog.text


def test_who_is_let_in_has_a_place_until_the_answer(
    app: Flask, client: FlaskClient, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody does half of the work and is told then that there is no room."""
    permits = passwords.Permits(1, 0)
    monkeypatch.setattr(passwords.hashing, "permits", permits)
    inside: list[int] = []
    run = passwords.hashing.run

    def watch(*arguments: object) -> object:
        inside.append(permits._inside)
        return run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(passwords.hashing, "run", watch)
    assert client.post("/sign-in", data={"email": bob.email, "password": "a wrong password"}).status_code == 422
    assert client.post("/sign-in", data={"email": bob.email, "password": PASSWORD}).status_code == 303
    assert inside == [1, 1]
    assert permits._inside == 0
    functions = [function.__name__ for function in app.before_request_funcs[None]]
    assert functions.index("read_form") < functions.index("take_place"), "who sends slowly takes nobody's place"


def test_between_door_and_place_there_is_the_same_answer(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise Busy

    monkeypatch.setattr(passwords.Permits, "take_place", refuse)
    answer = client.post("/sign-in", data={"email": "bob@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert 'value="bob@example.com"' in answer.text


def test_the_door_is_ready_on_a_site_with_a_name_of_its_own(app: Flask) -> None:
    """Beside a demo "localhost" is no name of the site, and gunicorn readies the door before anybody has asked."""
    app.config |= {"APP_URL": "https://calls.example.com", "TRUSTED_HOSTS": ["calls.example.com"]}
    app.extensions["door"].make_ready()
