"""The page on which things go wrong: faults for calls to come, and what moderators and members do by hand."""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug import Response as AnyResponse

from sandbox import admin_actions, fault_form, guilds
from sandbox.context import here
from sandbox.errors import ApiError
from sandbox.oauth_records import Token
from sandbox.pages import CALLS_SHOWN
from sandbox.permissions import BOT_INVITE, Right
from sandbox.records import CATEGORY, Application, Guild, Person, Role

trouble = Blueprint("trouble", __name__, url_prefix="/guilds/<guild_id>/trouble")

DONE = {
    "order": "Ordered. It waits for its call.",
    "call-off": "Called off.",
    "rights": "The bot’s permissions are saved.",
    "delete": "The channel is gone.",
    "leave": "They have left.",
    "join": "They are in.",
    "withdraw": "Their tokens are dead.",
    "application": "The application is saved.",
}
ORDER = {"kind": "drop_after", "target": "make-channel", "times": "1", "seconds": "2"}
OWN_RIGHTS = [right for right in Right if right & BOT_INVITE]


@trouble.get("")
def page(guild_id: str) -> str:
    return _page(_guild(guild_id), ORDER, done=DONE.get(request.args.get("done", "")))


@trouble.post("/faults")
def order(guild_id: str) -> AnyResponse | tuple[str, int]:
    """A fault waits for its calls."""
    place = _guild(guild_id)
    wanted = {name: request.form.get(name, "") for name in ORDER}
    try:
        here().faults.order(fault_form.fault_from(**wanted))
    except fault_form.InvalidFault as problem:
        return _page(place, wanted, problem=str(problem)), 422
    return _back(guild_id, "order")


@trouble.post("/calling-off")
def call_off(guild_id: str) -> AnyResponse:
    """One fault is called off, or all of them where none is named."""
    fault_id = request.form.get("fault", "")
    if fault_id.isdecimal():
        here().faults.call_off(int(fault_id))
    else:
        here().faults.clear()
    return _back(guild_id, "call-off")


@trouble.post("/acts")
def act(guild_id: str) -> AnyResponse | tuple[str, int]:
    """Somebody does something by hand that the product has to live with."""
    state, name = here().state, request.form.get("act", "")
    try:
        with state.transaction():
            _do(name, _guild(guild_id))
    except ApiError as error:
        text = f"The stand-in refused: {error.body['message']}."
        return render_template("message.html", title="That did not work", text=text, back=_address(guild_id)), 409
    return _back(guild_id, name)


def _do(name: str, place: Guild) -> None:
    sandbox, form = here(), request.form
    state = sandbox.state
    match name:
        case "rights":
            # What the page does not offer stays as it is.
            kept = sum(role.permissions & ~BOT_INVITE for role in _own_roles(place))
            chosen = sum(right for right in OWN_RIGHTS if right.name in form.getlist("right"))
            admin_actions.set_bot_rights(state, place, sandbox.bot_id, kept | chosen)
        case "delete":
            admin_actions.delete_channel(state, guilds.known_channel(state, form.get("channel_id", "")))
        case "leave":
            admin_actions.leave(state, place, form.get("user_id", ""))
        case "join":
            admin_actions.join(state, place, guilds.known_person(state, form.get("user_id", "")), sandbox.bot_id)
        case "withdraw":
            admin_actions.withdraw(state, guilds.known_person(state, form.get("user_id", "")).id)
        case "application":
            choices = form.getlist("choice")
            state.put(Application(sandbox.bot_id, "public" in choices, "code-grant" in choices))
        case _:
            abort(400)


def _page(place: Guild, wanted: dict[str, str], problem: str | None = None, done: str | None = None) -> str:
    sandbox = here()
    with sandbox.state.transaction():
        return render_template(
            "trouble.html",
            guild=place,
            wanted=wanted,
            problem=problem,
            done=done,
            fault_kinds=fault_form.FAULT_KINDS,
            targets=fault_form.TARGETS,
            times=fault_form.TIMES,
            waiting=[fault_form.described(fault) for fault in sandbox.faults.pending_faults()],
            rights=_bot_rights(place),
            application=guilds.own_application(sandbox.state, sandbox.bot_id),
            channels=[c for c in guilds.channels_in_order(sandbox.state, place.id) if c.type != CATEGORY],
            people=[_person(place, person) for person in sandbox.state.every(Person)],
            calls=sandbox.calls.last(CALLS_SHOWN),
        )


def _bot_rights(place: Guild) -> list[tuple[str, str, bool]]:
    """Each right of the invite: its name, its words, and whether the bot's own role has it; none without a role."""
    return [
        (str(right.name), _words(right), bool(role.permissions & right))
        for role in _own_roles(place)
        for right in OWN_RIGHTS
    ]


def _words(right: Right) -> str:
    return "Use voice activity" if right == Right.USE_VAD else str(right.name).replace("_", " ").capitalize()


def _own_roles(place: Guild) -> list[Role]:
    """The bot's own role in the guild, if it has one: the server makes it at the invite, one at most."""
    return here().state.every(Role, guild_id=place.id, managed_by=here().bot_id)


def _person(place: Guild, person: Person) -> dict[str, object]:
    state = here().state
    return {
        "person": person,
        "is_member": guilds.find_member(state, place.id, person.id) is not None,
        "is_owner": place.owner_id == person.id,
        "has_tokens": bool(state.every(Token, user_id=person.id)),
    }


def _guild(guild_id: str) -> Guild:
    state = here().state
    with state.transaction():
        guild: Guild = state.find(Guild, guild_id) or abort(404)
    return guild


def _back(guild_id: str, done: str) -> AnyResponse:
    return redirect(f"{_address(guild_id)}?done={done}", 303)


def _address(guild_id: str) -> str:
    return f"/guilds/{guild_id}/trouble"
