"""The stand-ins for Discord and for Stripe, put together. Started as their own process on a loopback port."""

from functools import partial

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox import seed
from sandbox.calendars import calendars
from sandbox.calls import Calls
from sandbox.cdn import cdn
from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.control import control
from sandbox.errors import ApiError
from sandbox.faults import Faults
from sandbox.guard import guard
from sandbox.limits import Limits
from sandbox.oauth import oauth
from sandbox.pages import pages
from sandbox.rest import load_routes
from sandbox.state import State
from sandbox.stripe.mount import mount
from sandbox.tokens import tokens
from sandbox.trouble import trouble


def create_app(config: SandboxConfig | None = None) -> Flask:
    """The sandbox as a WSGI app; without a config it reads the environment."""
    config = config or SandboxConfig.from_env()
    plant = partial(seed.plant, client_id=config.client_id, guild_id=config.guild_id)
    state = State(config.data_dir / "sandbox.sqlite3", config.clock, plant)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    app.extensions["sandbox"] = Sandbox(config, state, Limits(state, config.requests_per_second), Faults(), Calls())
    app.jinja_env.globals["app_origin"] = config.app_origin
    guard(app, config)
    for blueprint in (load_routes(), oauth, tokens, control, pages, trouble, cdn, calendars):
        app.register_blueprint(blueprint)
    mount(app, config)
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _refused(error: ApiError) -> tuple[Response, int]:
    return jsonify(error.body), error.status


def _http_error(error: HTTPException) -> tuple[Response, int] | HTTPException:
    """Under the addresses of APIs and of control even "not found" is JSON."""
    if request.path.startswith(("/api/", "/control", "/v1/", "/stripe/v1/")):
        return jsonify(message=f"{error.code}: {error.name}", code=0), error.code or 500
    return error
