"""What an ordered fault does to a call: a refusal, a pause, an answer that gets lost, a connection that is cut."""

import socket
import time

from flask import request

from sandbox.errors import REFUSALS, ApiError, BadForm, Blocked, RateLimited, Refused, Unauthorized
from sandbox.faults import Fault

CUTS = frozenset({"drop_before", "drop_after"})


class CutOff(Exception):
    """The connection ends before the call has had any effect."""


def strike(fault: Fault | None, path: str) -> None:
    """What goes wrong before the call has an effect: a pause, or an ApiError or CutOff in its place."""
    if fault is None:
        return
    match fault.kind:
        case "delay":
            time.sleep(fault.seconds)
        case "drop_before":
            raise CutOff
        case "429_cloudflare":
            raise Blocked(fault.seconds)
        case "429" | "429_global":
            raise RateLimited(fault.seconds, "global" if fault.kind == "429_global" else "user")
        case "20028" | "20029":
            raise RateLimited(fault.seconds, "shared", code=int(fault.kind))
        case "5xx":
            raise _trouble(fault.status)
        case "401":
            raise Unauthorized
        case "403":
            raise Refused(50013)
        case "404":
            raise Refused(_unknown(path))
        case "50035":
            raise BadForm(fault.field, fault.inner or "BASE_TYPE_REQUIRED", "Refused by order")
        case code if code.isdigit() and int(code) in REFUSALS:
            raise Refused(int(code))


def lose_answer(fault: Fault | None) -> None:
    """What goes wrong after the call has had its effect: a pause, or an ApiError in place of the answer."""
    if fault is None:
        return
    if fault.kind == "delay_after":
        time.sleep(fault.seconds)
    elif fault.kind == "5xx_after":
        raise _trouble(fault.status)


def hang_up() -> None:
    """The connection ends here and now, without a byte of an answer."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError("The sandbox hung up, as ordered.")
    connection.shutdown(socket.SHUT_RDWR)


def _trouble(status: int) -> ApiError:
    return ApiError(status, {"message": f"{status}: Internal Server Error", "code": 0})


def _unknown(path: str) -> int:
    """What is unknown when an address of this path answers 404."""
    named = {
        "channels": 10003,
        "guilds": 10004,
        "members": 10007,
        "messages": 10008,
        "permissions": 10009,
        "roles": 10011,
        "users": 10013,
        "voice-states": 10065,
    }
    return next((named[part] for part in reversed(path.split("/")) if part in named), 10003)
