"""The control address: JSON for tests and the demo, to look at the stand-in and to act in it by hand."""

from dataclasses import asdict, fields, replace
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import UnsupportedMediaType

from sandbox import admin_actions, answers, bodies, guilds, member_views
from sandbox.context import here
from sandbox.errors import BadForm, Refused
from sandbox.faults import KINDS, Fault
from sandbox.permissions import BOT_INVITE
from sandbox.records import Application, Channel, Guild, Person

control = Blueprint("control", __name__, url_prefix="/control")

Json = dict[str, Any]


@control.before_request
def require_json() -> None:
    """A form of another site can't be JSON, so this keeps it out even without an Origin."""
    if request.method == "POST" and request.mimetype != "application/json":
        raise UnsupportedMediaType


@control.get("/people")
def people() -> Json:
    sandbox = here()
    with sandbox.state.transaction():
        ids = [guild.id for guild in sandbox.state.every(Guild)]
        views = member_views.people_view(sandbox)
    return {"people": views, "bot_id": sandbox.bot_id, "guild_id": sandbox.config.guild_id, "guild_ids": ids}


@control.get("/guilds/<guild_id>")
def guild(guild_id: str) -> Json:
    sandbox = here()
    with sandbox.state.transaction():
        return member_views.guild_view(sandbox, guilds.known_guild(sandbox.state, guild_id))


@control.post("/guild")
def make_guild() -> Json:
    """A new guild: its owner is the first member, the bot is in it, and whoever is not known yet comes to be."""
    sandbox, body = here(), bodies.json_body(request)
    state = sandbox.state
    with state.transaction():
        members = bodies.snowflakes(body, "members", most=1000)
        if not members:
            raise BadForm("members", "BASE_TYPE_REQUIRED", "This field is required")
        place = Guild(bodies.needed_snowflake(body, "guild_id"), str(body.get("name", "A guild")), members[0])
        admin_actions.found_guild(state, place, members, sandbox.bot_id)
    return {"ok": True}


@control.post("/application")
def set_up_application() -> Json:
    """The application's owner makes it public or not, and lets it ask for a code grant or not."""
    sandbox, body = here(), bodies.json_body(request)
    state = sandbox.state
    with state.transaction():
        own = guilds.own_application(state, sandbox.config.client_id)
        is_public = bodies.flag(body, "is_public", own.is_public)
        state.put(Application(own.id, is_public, bodies.flag(body, "requires_code_grant", own.requires_code_grant)))
    return {"ok": True}


@control.get("/direct-messages/<user_id>")
def direct_messages(user_id: str) -> Json:
    """What the bot wrote to a person, the oldest first, and whether they take any."""
    state = here().state
    with state.transaction():
        person = guilds.known_person(state, user_id)
        sent = [answers.message(state, message) for message in member_views.direct_messages(state, user_id)]
        return {"is_open": not person.refuses_messages, "messages": sent}


@control.post("/voice")
def voice() -> Json:
    """A member enters the voice channel, or leaves voice where `channel_id` is null."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        place, person = _guild(body), _person(body)
        channel_id = bodies.snowflake(body, "channel_id")
        if channel_id is None:
            admin_actions.leave_voice(state, place.id, person.id)
        else:
            admin_actions.enter_voice(state, _channel(channel_id, place), person.id)
    return {"ok": True}


@control.post("/member")
def member() -> Json:
    """A person joins or leaves, or is timed out for `seconds` (0 ends it)."""
    sandbox, body = here(), bodies.json_body(request)
    state = sandbox.state
    with state.transaction():
        place, person = _guild(body), _person(body)
        match body.get("action"):
            case "join":
                admin_actions.join(state, place, person, sandbox.bot_id)
            case "leave":
                admin_actions.leave(state, place, person.id)
            case "timeout":
                ends_at = state.clock() + bodies.whole(body, "seconds", least=0, most=2419200, default=60)
                state.put(replace(guilds.known_member(state, place.id, person.id), timed_out_until=ends_at))
            case _:
                raise BadForm("action", "BASE_TYPE_CHOICES", "Value must be one of (join, leave, timeout).")
    return {"ok": True}


@control.post("/ban")
def ban() -> Json:
    """A person is banned; `lift: true` lets them join again."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        act = admin_actions.lift_ban if bodies.flag(body, "lift") else admin_actions.ban
        act(state, _guild(body), _person(body).id)
    return {"ok": True}


@control.post("/direct-messages")
def choose_direct_messages() -> Json:
    """A person takes direct messages, or with `is_open: false` none any more."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        admin_actions.take_direct_messages(state, _person(body), bodies.flag(body, "is_open", True))
    return {"ok": True}


@control.post("/withdrawal")
def withdrawal() -> Json:
    """A person takes back what they agreed to; their tokens are dead."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        admin_actions.withdraw(state, _person(body).id)
    return {"ok": True}


@control.post("/permissions")
def role_permissions() -> Json:
    """A role has exactly these permissions; where none is named the bot's own, by default with its invite's."""
    sandbox, body = here(), bodies.json_body(request)
    state = sandbox.state
    with state.transaction():
        place, role_id = _guild(body), bodies.snowflake(body, "role_id")
        if role_id is None:
            admin_actions.set_bot_rights(state, place, sandbox.bot_id, bodies.rights(body, "permissions", BOT_INVITE))
        else:
            role = guilds.known_role(state, place.id, role_id)
            state.put(replace(role, permissions=bodies.rights(body, "permissions", role.permissions)))
    return {"ok": True}


@control.post("/overwrite")
def overwrite() -> Json:
    """A moderator sets one overwrite of a channel by hand, or removes it with `remove: true`."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        channel = _channel(bodies.needed_snowflake(body, "channel_id"))
        target = bodies.needed_snowflake(body, "id")
        entries = tuple(entry for entry in channel.overwrites if entry.id != target)
        if not bodies.flag(body, "remove"):
            entries = (*entries, bodies.overwrite(body, target))
        state.put(replace(channel, overwrites=entries, holding_overwrites=None))
    return {"ok": True}


@control.post("/delete-channel")
def delete_channel() -> Json:
    """A moderator deletes the channel."""
    state, body = here().state, bodies.json_body(request)
    with state.transaction():
        admin_actions.delete_channel(state, _channel(bodies.needed_snowflake(body, "channel_id")))
    return {"ok": True}


@control.get("/faults")
def faults() -> Json:
    return {"faults": [asdict(fault) for fault in here().faults.pending_faults()]}


@control.post("/faults")
def add_fault() -> Json:
    """A fault waits for its calls; `clear: true` calls all of them off."""
    body = bodies.json_body(request)
    if bodies.flag(body, "clear"):
        here().faults.clear()
        return faults()
    known = {field.name for field in fields(Fault)} - {"id"}
    if unknown := set(body) - known:
        raise BadForm(min(unknown), "UNKNOWN_FIELD", f"Known fields: {', '.join(sorted(known))}.")
    body["kind"] = str(body.get("kind"))
    if body["kind"] not in KINDS:
        raise BadForm("kind", "BASE_TYPE_CHOICES", f"Known kinds: {', '.join(sorted(KINDS))}.")
    return asdict(here().faults.order(Fault(**body)))


@control.delete("/faults")
def clear_faults() -> Json:
    here().faults.clear()
    return faults()


@control.get("/limits")
def limits() -> Json:
    allowances = here().limits.allowances
    buckets = {f"{method} {route}": allowance for (method, route), allowance in allowances.buckets.items()}
    return {**vars(allowances), "buckets": buckets}


@control.post("/limits")
def change_limits() -> Json:
    """Limits as told: `[requests, seconds]` by name, buckets by `"METHOD /route/<guild_id>"`."""
    allowances, body = here().limits.allowances, bodies.json_body(request)
    for name, value in body.items():
        if name == "buckets":
            allowances.buckets |= {tuple(key.split(" ", 1)): tuple(entry) for key, entry in value.items()}
        elif hasattr(allowances, name):
            setattr(allowances, name, tuple(value))
    return limits()


@control.get("/calls")
def calls() -> Json:
    """The last API calls, oldest first; `since` leaves out those up to that number."""
    query = dict(request.args)
    most = bodies.whole(query, "limit", least=1, most=2000, default=500)
    since = bodies.whole(query, "since", least=0, most=1 << 53, default=0)
    return {"calls": here().calls.since(since)[-most:]}


def _guild(body: Json) -> Guild:
    return guilds.known_guild(here().state, bodies.needed_snowflake(body, "guild_id"))


def _person(body: Json) -> Person:
    return guilds.known_person(here().state, bodies.needed_snowflake(body, "user_id"))


def _channel(channel_id: str, place: Guild | None = None) -> Channel:
    channel = guilds.known_channel(here().state, channel_id)
    if place is not None and channel.guild_id != place.id:
        raise Refused(10003)
    return channel
