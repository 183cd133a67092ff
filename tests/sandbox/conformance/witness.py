"""What really went over the wire: a wrapper around the served sandbox that keeps every REST call with its answer."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

API = "/api/v10"
RATE_HEADERS = {
    "X-RateLimit-Limit": r"[0-9]+",
    "X-RateLimit-Remaining": r"[0-9]+",
    "X-RateLimit-Reset": r"[0-9]+\.[0-9]{3}",
    "X-RateLimit-Reset-After": r"[0-9]+\.[0-9]{3}",
    "X-RateLimit-Bucket": r"[0-9a-f]{32}",
}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Exchange:
    """One call with its answer."""

    method: str
    path: str
    sent: Any
    agent: str
    reason: str | None
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def answer(self) -> Any:
        """The JSON of the answer, None where there is no body."""
        return json.loads(self.body) if self.body else None

    @property
    def operation(self) -> str:
        """The method and the path with a star for each id."""
        return f"{self.method} {re.sub(r'/[0-9]+', '/*', self.path)}"

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    def oddities(self) -> list[str]:
        """What a real Discord would not answer so, whatever the body says."""
        return [f"{self}: {odd}" for odd in (*self._odd_body(), *self._odd_rate_headers())]

    def _odd_body(self) -> Iterable[str]:
        if self.headers.get("Via") != "1.1 google":
            yield "no Via header"
        if self.status == 204:
            if self.body or "Content-Type" in self.headers:
                yield "a 204 with a body"
        elif self.headers.get("Content-Type") != "application/json":
            yield f"content type {self.headers.get('Content-Type')}"

    def _odd_rate_headers(self) -> Iterable[str]:
        is_global = self.headers.get("X-RateLimit-Global") == "true"
        for name, shape in RATE_HEADERS.items():
            if not is_global and self.status != 401 and not re.fullmatch(shape, self.headers.get(name, "")):
                yield f"{name} is {self.headers.get(name)}"
        only_with_429 = {"Retry-After", "X-RateLimit-Scope"}
        if self.status == 429:
            if not only_with_429 <= set(self.headers):
                yield "a 429 without Retry-After or scope"
            elif int(self.headers["Retry-After"]) < self.answer["retry_after"]:
                yield "Retry-After is shorter than retry_after"
        elif only_with_429 & set(self.headers):
            yield "headers of a 429"


class Witness:
    """A WSGI app in front of another one."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self.exchanges: list[Exchange] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(API):
            return self._app(environ, start_response)
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        head: list[Any] = []

        def keep_head(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            head[:] = int(status.split()[0]), dict(headers)
            return start_response(status, headers, *rest)

        answer = self._app({**environ, "wsgi.input": BytesIO(sent)}, keep_head)
        body = b"".join(answer)
        status, headers = head
        self.exchanges.append(
            Exchange(
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"].removeprefix(API),
                json.loads(sent) if sent else None,
                environ.get("HTTP_USER_AGENT", ""),
                environ.get("HTTP_X_AUDIT_LOG_REASON"),
                status,
                headers,
                body,
            )
        )
        return [body]
