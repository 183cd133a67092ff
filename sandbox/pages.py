"""The pages for people: the guilds, and one guild as a chosen member sees it."""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request
from markupsafe import Markup, escape
from werkzeug import Response as AnyResponse

from sandbox import admin_actions, guilds, member_views, permissions
from sandbox.context import here
from sandbox.errors import ApiError
from sandbox.permissions import Right
from sandbox.records import CATEGORY, TEXT, VOICE, Channel, Guild, Member, Message, Person

pages = Blueprint("pages", __name__)

# In escaped text: an address, which may stand in pointed brackets, and words that stand for one.
ADDRESS = r"(?:&lt;)?(https?://(?:[^\s<>&]|&amp;)*(?:[^\s<>&.,;:!?)]|&amp;))(?:&gt;)?"
LINK = re.compile(rf"\[((?:\\.|[^\[\]\\])+)\]\({ADDRESS}\)|{ADDRESS}")

CALLS_SHOWN = 25
MESSAGES_SHOWN = 20


@pages.get("/")
def index() -> str:
    state = here().state
    with state.transaction():
        places = [
            {
                "guild": guild,
                "owner": guilds.known_person(state, guild.owner_id),
                "members": len(state.every(Member, guild_id=guild.id)),
                "channels": len(state.every(Channel, guild_id=guild.id)),
                "has_bot": guilds.find_member(state, guild.id, here().bot_id) is not None,
            }
            for guild in state.every(Guild)
        ]
    return render_template("index.html", places=places)


@pages.get("/guilds/<guild_id>")
def guild(guild_id: str) -> str:
    """The guild as the person in `as` sees it: what is hidden from them is not there."""
    state = here().state
    with state.transaction():
        place = state.find(Guild, guild_id) or abort(404)
        viewer = state.find(Person, request.args.get("as", place.owner_id)) or abort(404)
        return _guild_page(place, viewer)


@pages.get("/channels/<guild_id>")
def whole_guild(guild_id: str) -> AnyResponse:
    """Where Discord's own links to a server lead; `as` says whose account is signed in to Discord."""
    return redirect(_address(guild_id, request.args.get("as")))


@pages.get("/channels/<guild_id>/<channel_id>")
def channel(guild_id: str, channel_id: str) -> AnyResponse:
    """Where Discord's own links to a channel lead: the guild's page, down at the channel."""
    return redirect(f"{_address(guild_id, request.args.get('as'))}#channel-{channel_id}")


@pages.post("/guilds/<guild_id>/acts")
def act(guild_id: str) -> AnyResponse | tuple[str, int]:
    """Somebody does something by hand: enter, leave, join, delete."""
    state, form = here().state, request.form
    try:
        with state.transaction():
            place = state.find(Guild, guild_id) or abort(404)
            viewer = state.find(Person, form.get("as", "")) or abort(404)
            _do(form.get("act", ""), place, viewer, form.get("channel_id", ""))
    except ApiError as error:
        text = f"The stand-in refused: {error.body['message']}."
        return render_template(
            "message.html", title="That did not work", text=text, back=_address(guild_id, form.get("as"))
        ), 409
    down_at = "#direct" if form["act"].endswith("-direct") else ""
    return redirect(_address(guild_id, form.get("as")) + down_at, 303)


@pages.app_template_filter()
def as_read(content: str) -> Markup:
    """A message as a reader sees it: times spelt out (in UTC), people by name, bold, small, addresses as links."""
    state = here().state

    def name(mention: re.Match[str]) -> str:
        person = state.find(Person, mention[1])
        return f"@{person.name}" if person else mention[0]

    def time(timestamp: re.Match[str]) -> str:
        style = "%H:%M UTC" if timestamp[2] == "t" else "%A %-d %B %Y, %H:%M UTC"
        return datetime.fromtimestamp(int(timestamp[1]), UTC).strftime(style)

    timed = re.sub(r"<t:([0-9]{1,11})(?::([a-zA-Z]))?>", time, content)
    text = str(escape(re.sub(r"<@!?([0-9]{1,20})>", name, timed)))
    bold = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>", text)
    small = re.sub(r"^-# (.+)$", r"<small>\1</small>", bold, flags=re.MULTILINE)
    linked = LINK.sub(lambda link: f'<a href="{link[2] or link[3]}">{link[1] or link[3]}</a>', small)
    return Markup(re.sub(r"\\([^\w\s])", r"\1", linked))  # escaped above; the tags are ours


@pages.app_template_filter()
def as_moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%a %-d %B, %H:%M UTC")


def _do(name: str, place: Guild, viewer: Person, channel_id: str) -> None:
    sandbox = here()
    state = sandbox.state
    match name:
        case "enter":
            admin_actions.enter_voice(state, guilds.known_channel(state, channel_id), viewer.id)
        case "leave-voice":
            admin_actions.leave_voice(state, place.id, viewer.id)
        case "join":
            admin_actions.join(state, place, viewer, sandbox.bot_id)
        case "leave":
            admin_actions.leave(state, place, viewer.id)
        case "open-direct" | "close-direct":
            admin_actions.take_direct_messages(state, viewer, is_open=name == "open-direct")
        case "delete":
            channel = guilds.known_channel(state, channel_id)
            guilds.require(guilds.rights_in_channel(state, channel, viewer.id), Right.MANAGE_CHANNELS)
            admin_actions.delete_channel(state, channel)
        case _:
            abort(400)


def _guild_page(place: Guild, viewer: Person) -> str:
    state = here().state
    member = guilds.find_member(state, place.id, viewer.id)
    seat = guilds.find_voice(state, place.id, viewer.id)
    in_order = guilds.channels_in_order(state, place.id)
    visible = [c for c in in_order if c.type != CATEGORY and guilds.may_see(state, c, viewer.id)]
    return render_template(
        "guild.html",
        guild=place,
        viewer=viewer,
        bot=guilds.known_person(state, here().bot_id),
        member=member,
        roles=guilds.roles_of(state, member) if member else [],
        is_owner=place.owner_id == viewer.id,
        people=_people(place),
        groups=_groups(in_order, visible, viewer),
        hidden_count=sum(c.type != CATEGORY for c in in_order) - len(visible),
        seat=seat,
        direct=member_views.direct_messages(state, viewer.id)[: -MESSAGES_SHOWN - 1 : -1],
        calls=here().calls.last(CALLS_SHOWN),
    )


def _people(place: Guild) -> list[dict[str, object]]:
    """Everybody one may look through the eyes of, members first."""
    state = here().state
    people = [
        {
            "person": person,
            "is_member": guilds.find_member(state, place.id, person.id) is not None,
            "is_owner": place.owner_id == person.id,
        }
        for person in state.every(Person)
    ]
    return sorted(people, key=lambda entry: not entry["is_member"])


def _groups(in_order: list[Channel], visible: list[Channel], viewer: Person) -> list[dict[str, object]]:
    """The visible channels by category; a category with nothing to see is not there."""
    categories = {c.id: c for c in in_order if c.type == CATEGORY}
    groups: dict[str | None, list[dict[str, object]]] = {}
    for channel in visible:
        key = channel.parent_id if channel.parent_id in categories else None
        groups.setdefault(key, []).append(_row(channel, viewer))
    return [{"category": categories.get(key or ""), "channels": rows} for key, rows in groups.items()]


def _row(channel: Channel, viewer: Person) -> dict[str, object]:
    state = here().state
    rights = guilds.rights_in_channel(state, channel, viewer.id)
    everyone = next((o for o in channel.effective_overwrites if o.id == channel.guild_id), None)
    messages = state.every(Message, channel_id=channel.id) if rights & Right.READ_MESSAGE_HISTORY else []
    return {
        "channel": channel,
        "is_voice": channel.type == VOICE,
        "is_text": channel.type == TEXT,
        "is_private": everyone is not None and bool(everyone.deny & Right.VIEW_CHANNEL),
        "may_enter": guilds.may_enter(state, channel, viewer.id),
        "may_delete": permissions.has(rights, Right.MANAGE_CHANNELS),
        "occupants": [guilds.known_person(state, seat.user_id) for seat in guilds.occupants(state, channel)],
        "messages": [(guilds.known_person(state, m.author_id), m) for m in messages[-MESSAGES_SHOWN:]],
    }


def _address(guild_id: str, viewer_id: str | None) -> str:
    """The guild's page through the eyes of one account, else through its owner's."""
    return f"/guilds/{guild_id}" + (f"?{urlencode({'as': viewer_id})}" if viewer_id else "")
