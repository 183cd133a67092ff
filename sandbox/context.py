"""What a request works with: one value, kept in the app's extensions."""

from dataclasses import dataclass

from flask import current_app

from sandbox.calls import Calls
from sandbox.config import SandboxConfig
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.state import State


@dataclass(frozen=True)
class Sandbox:
    config: SandboxConfig
    state: State
    limits: Limits
    faults: Faults
    calls: Calls

    @property
    def bot_id(self) -> str:
        """The bot's user id, which is its application's."""
        return self.config.client_id


def here() -> Sandbox:
    """The sandbox this request belongs to."""
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox
