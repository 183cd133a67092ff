"""One call to Discord: within its time, asked of the call budget first and told to it afterwards, and in the log."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import quote

import requests
import urllib3

from coaching.call_permits import Rank
from coaching.host import CallBudget, HostError
from coaching.refusals import Refusal
from gateways import deadline
from gateways.discord_errors import refusal_of
from gateways.discord_limits import LOST, heard_in, wait_for_permit

CONNECT_SECONDS = 3.05
READ_SECONDS = 8.0
# In all. Below the 30 seconds for which a room is claimed, so that nobody else takes it over during a call.
CALL_SECONDS = 15.0
LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_REASON = 512
AGENT = "DiscordBot ({}, 1.0)"
ID = re.compile(r"(?<=/)[0-9]+(?=/|$)")

logger = logging.getLogger("gateways.discord")


class DiscordCalls:
    """What every call has in common: the bot's token, a connection for each thread, and the call budget."""

    def __init__(
        self,
        api_url: str,
        bot_token: str,
        site: str = "https://greenroom.invalid",
        read_seconds: float = READ_SECONDS,
        *,
        call_seconds: float = CALL_SECONDS,
        budget: CallBudget | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api_url = api_url
        self._bot_token = bot_token
        self._agent = AGENT.format(site)
        self._read_seconds = read_seconds
        self._call_seconds = call_seconds
        self._budget = budget
        self._sleep = sleep
        self._per_thread = threading.local()

    def answered_with(self) -> int | None:
        """The HTTP status of the last answer that this thread was given."""
        return getattr(self._per_thread, "status", None)

    def _unless(self, gone: Refusal, method: str, path: str, body: dict[str, Any] | None, reason: str) -> bool:
        """False when Discord answers that what was asked for is `gone`."""
        try:
            self._call(method, path, body, reason)
        except HostError as error:
            if error.kind != gone:
                raise
            return False
        return True

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        reason: str = "",
        rank: Rank | None = None,
    ) -> Any:
        """The decoded answer, None for an answer without a body, or HostError."""
        answer, content = self._exchange(method, path, body, reason, rank)
        return _decoded(content, answer.status_code)

    def _exchange(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        reason: str = "",
        rank: Rank | None = None,
    ) -> tuple[requests.Response, bytes]:
        """A successful answer and its body, or HostError. The call budget is asked first and told afterwards."""
        permit = wait_for_permit(self._budget, method, path, self._sleep, rank) if self._budget else None
        heard, refusal = LOST, None
        try:
            answer, content = self._send(method, path, body, reason)
            if not 200 <= answer.status_code < 300:
                refusal = refusal_of(answer.status_code, answer.headers, content)
            heard = heard_in(answer.status_code, answer.headers, refusal)
        finally:
            if self._budget and permit:
                self._budget.learn(method, path, permit, heard)
        if refusal:
            raise refusal
        return answer, content

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, reason: str = ""
    ) -> tuple[requests.Response, bytes]:
        """The answer, whatever it says, and its body; HostError when there is none."""
        began, status = monotonic(), None
        headers = {"X-Audit-Log-Reason": quote(reason[:LONGEST_REASON], safe="/ ")} if reason else {}
        try:
            with deadline.within(self._call_seconds):
                answer = self._session().request(
                    method,
                    self._api_url + path,
                    json=body,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    content = deadline.read_answer(answer, LARGEST_ANSWER)
            status = self._per_thread.status = answer.status_code
        except requests.RequestException as error:
            raise _lost(error) from None
        finally:
            _log_call(method, path, status, began)
        return answer, content

    def _session(self) -> requests.Session:
        # requests does not promise that threads can share a session.
        session: requests.Session | None = getattr(self._per_thread, "session", None)
        if session is None:
            session = self._per_thread.session = deadline.open_session()
            session.headers["Authorization"] = f"Bot {self._bot_token}"
            session.headers["User-Agent"] = self._agent
        return session


def _log_call(method: str, path: str, status: int | None, began: float) -> None:
    """Say in the log what was asked, by its pattern, and what came of it; a call without an answer has no status."""
    route, took_ms = ID.sub("{id}", path), round((monotonic() - began) * 1000)
    logger.debug("discord call", extra={"method": method, "route": route, "status": status, "took_ms": took_ms})


def _lost(error: Exception) -> HostError:
    """What a call without an answer means: never sent, or sent and of unknown outcome."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return HostError("no connection to Discord", Refusal.REFUSED_CONNECTION)
    return HostError("no answer from Discord", Refusal.NO_ANSWER)


def _decoded(content: bytes, status: int) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise HostError("Discord's answer is not JSON", Refusal.BAD_ANSWER, status=status) from None
