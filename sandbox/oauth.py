"""The authorize page: who one is at Discord, and whether one agrees. Also the page that invites the bot."""

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from sandbox import acts, guilds, permissions, secret
from sandbox.consent import SCOPES, Ask, SentBack, Unaskable, read_ask
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.permissions import Right
from sandbox.records import Code, Consent, Guild, Person

oauth = Blueprint("oauth", __name__)


@oauth.get("/oauth2/authorize")
def ask() -> Response | str | tuple[str, int]:
    """The consent page; with prompt=none a returning person goes straight back."""
    wanted = read_ask(request.args, here().config)
    person_id = request.cookies.get(_cookie_name())
    if wanted.prompt == "none" and person_id and _agreed_before(wanted, person_id):
        return redirect(_agreed(wanted, person_id, None), 302)
    return _page(wanted)


@oauth.post("/oauth2/authorize")
def answer() -> Response | str | tuple[str, int]:
    """The person agrees or refuses; the ask is read again from the address."""
    wanted = read_ask(request.args, here().config)
    if request.form.get("decision") == "refuse":
        return _refused(wanted)
    person_id = request.form.get("person", "")
    with here().state.transaction():
        person = here().state.find(Person, person_id)
    if request.form.get("decision") != "authorize" or person is None or person.is_bot:
        return _page(wanted, "Choose who you are first.", status=422)
    guild_id = (wanted.fixed_guild and wanted.guild_id) or request.form.get("guild")
    if wanted.wants_bot and not _may_add_bot(person_id, guild_id):
        return _page(wanted, f"{person.name} may not manage that server.", status=403)
    response = _agreed_answer(wanted, person_id, guild_id)
    response.set_cookie(_cookie_name(), person_id, httponly=True, samesite="Lax")
    return response


@oauth.errorhandler(Unaskable)
def _unaskable(error: Unaskable) -> tuple[str, int]:
    return render_template("message.html", title="This link does not work", text=str(error)), 400


@oauth.errorhandler(SentBack)
def _sent_back(error: SentBack) -> Response:
    return redirect(error.address, 302)


def _page(wanted: Ask, problem: str | None = None, status: int = 200) -> tuple[str, int]:
    state = here().state
    with state.transaction():
        people = [person for person in state.every(Person) if not person.is_bot]
        places = [(guild, _managers(guild, people)) for guild in state.every(Guild)]
    page = render_template(
        "authorize.html",
        ask=wanted,
        people=people,
        places=[(guild, names) for guild, names in places if names],
        scopes=[SCOPES[scope] for scope in wanted.scopes],
        rights=permissions.names(wanted.permissions),
        chosen=request.form.get("person") or request.cookies.get(_cookie_name()),
        problem=problem,
    )
    return page, status


def _refused(wanted: Ask) -> Response | tuple[str, int]:
    if not wanted.wants_code:
        return render_template("message.html", title="Nothing was added", text="You refused. Close this page."), 200
    text = "The resource owner or authorization server denied the request"
    return redirect(wanted.redirected(error="access_denied", error_description=text), 302)


def _agreed_answer(wanted: Ask, person_id: str, guild_id: str | None) -> Response:
    if wanted.wants_code:
        return redirect(_agreed(wanted, person_id, guild_id), 302)
    guild = _bot_added(wanted, guild_id)
    text = f"The bot is in {guild.name} now. You can close this page."
    return Response(render_template("message.html", title="Added", text=text), mimetype="text/html")


def _agreed(wanted: Ask, person_id: str, guild_id: str | None) -> str:
    """The address to go back to: the consent is remembered, a code waits, an invited bot is in."""
    sandbox = here()
    state, config = sandbox.state, sandbox.config
    code = secret.draw()
    with state.transaction():
        if wanted.wants_bot:
            _bot_added(wanted, guild_id)
        state.put(Consent(person_id, wanted.scopes))
        state.put(
            Code(
                digest=secret.digest(code),
                user_id=person_id,
                scopes=wanted.scopes,
                redirect_uri=config.redirect_uri,
                challenge=wanted.challenge,
                expires_at=state.clock() + config.code_seconds,
                guild_id=guild_id if wanted.wants_bot else None,
            )
        )
    if wanted.wants_bot:
        return wanted.redirected(code=code, guild_id=guild_id, permissions=str(wanted.permissions))
    return wanted.redirected(code=code)


def _bot_added(wanted: Ask, guild_id: str | None) -> Guild:
    sandbox = here()
    with sandbox.state.transaction():
        guild = guilds.known_guild(sandbox.state, guild_id or "")
        acts.invite_bot(sandbox.state, guild, sandbox.bot_id, wanted.permissions)
    return guild


def _agreed_before(wanted: Ask, person_id: str) -> bool:
    with here().state.transaction():
        consent = here().state.find(Consent, person_id)
    return consent is not None and set(wanted.scopes) <= set(consent.scopes)


def _may_add_bot(person_id: str, guild_id: str | None) -> bool:
    state = here().state
    try:
        with state.transaction():
            rights = guilds.rights_in_guild(state, guilds.known_guild(state, guild_id or ""), person_id)
    except Refused:
        return False
    return permissions.has(rights, Right.MANAGE_GUILD)


def _managers(guild: Guild, people: list[Person]) -> list[str]:
    state = here().state
    return [
        person.name
        for person in people
        if permissions.has(guilds.rights_in_guild(state, guild, person.id), Right.MANAGE_GUILD)
    ]


def _cookie_name() -> str:
    """Ports share cookies, so the port is part of the name."""
    return f"sandbox_person_{here().config.port}"
