"""The sandbox as a server without a socket: what `requests` asks of its address, an application here answers.

The gateways, Authlib and a test's own calls go through it alike, to the last byte; only what is about sockets
themselves (time-outs, answers that drip) needs a server that is really served.
"""

from collections.abc import Mapping
from email.utils import formatdate
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError
from werkzeug.test import create_environ, run_wsgi_app

# Its own adapter, for whatever is at none of the addresses.
send_by_socket = HTTPAdapter.send


def stand_at(addresses: Mapping[str, WSGIApplication], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked at one of these addresses, its application answers, until the test is over."""

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        for address, app in addresses.items():
            if (request.url or "").startswith(f"{address}/"):
                answer = answer_of(app, request, address)
                answer.headers.setdefault("Date", formatdate(usegmt=True))  # a server's own, which tells its clock
                return answer
        return send_by_socket(self, request, *args, **kwargs)

    monkeypatch.setattr(HTTPAdapter, "send", send)


def answer_of(app: WSGIApplication, request: requests.PreparedRequest, address: str) -> requests.Response:
    """The application's answer, or what urllib3 raises where it hangs up."""
    line = _Line()
    headers = [(name, value) for name, value in request.headers.items() if name != "Content-Length"]
    environ = create_environ(
        request.path_url, address, method=request.method or "", headers=headers, data=request.body or None
    )
    environ |= {"werkzeug.socket": line, "REMOTE_ADDR": "127.0.0.1"}
    body, status, answered = run_wsgi_app(app, environ, buffered=True)
    if line.is_cut:
        raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError()), request=request)
    raw = urllib3.HTTPResponse(
        BytesIO(b"".join(body)), dict(answered), int(status.split()[0]), preload_content=False, decode_content=False
    )
    return HTTPAdapter().build_response(request, raw)


class _Line:
    """What the sandbox takes for the caller's socket: it can be cut."""

    is_cut = False

    def shutdown(self, how: int) -> None:
        self.is_cut = True
