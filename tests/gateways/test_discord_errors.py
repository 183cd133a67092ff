"""What each code of Discord's leads to, whichever status it comes with."""

from datetime import timedelta

import pytest

from coaching.refusals import STOPS_ALL_DMS, Again, Refusal
from gateways import discord_errors
from gateways.discord_errors import refusal_of

CODES = sorted(discord_errors._BY_CODE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_only_a_429_stops_every_call(status: int) -> None:
    for body in (*(b'{"code": %d}' % code for code in CODES), b"<html>Error 1015</html>", b'{"global": true}'):
        assert not refusal_of(status, {}, body).is_global, body


def test_a_code_that_says_wait_stops_every_call_at_no_status() -> None:
    for code in (code for code in CODES if discord_errors._BY_CODE[code] in STOPS_ALL_DMS):
        for status in (400, 403, 429):
            assert not refusal_of(status, {}, b'{"code": %d}' % code).is_global, (code, status)


def test_too_many_direct_messages_wait_for_ten_minutes_alone() -> None:
    error = refusal_of(403, {}, b'{"code": 40003, "message": "You are opening direct messages too fast"}')
    assert (error.kind, error.retry_after, error.is_global) == (Refusal.DMS_TOO_FAST, timedelta(minutes=10), False)
    refusal = refusal_of(403, {"Retry-After": "30"}, b'{"code": 40003}')
    assert refusal.retry_after == timedelta(seconds=30)


def test_whatever_is_told_to_wait_knows_for_how_long_and_nothing_else_does() -> None:
    for status in (400, 403, 429, 500):
        for code in CODES:
            error = refusal_of(status, {}, b'{"code": %d}' % code)
            assert (error.retry_after is not None) == (error.kind.again is Again.RETRY_AFTER), (status, code)
