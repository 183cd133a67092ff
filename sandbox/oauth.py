"""The authorize page: who one is at Discord, and whether one agrees. Also the page that invites the bot."""

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from sandbox import admin_actions, guilds, secret
from sandbox.consent import SCOPES, Ask, SentBack, Unaskable, read_ask
from sandbox.context import here
from sandbox.oauth_records import Code, Consent
from sandbox.records import Application, Guild, Person
from sandbox.seed import OWNER_ID

oauth = Blueprint("oauth", __name__)

PRIVATE = "This application is private: only its owner can add it to a server."


@oauth.get("/oauth2/authorize")
def ask() -> Response | str | tuple[str, int]:
    """The consent page; with prompt=none a returning person goes straight back."""
    wanted = _wanted()
    person_id = request.cookies.get(_cookie_name())
    if wanted.prompt == "none" and person_id and _agreed_before(wanted, person_id):
        return redirect(_agreed(wanted, person_id, None), 302)
    return _page(wanted)


@oauth.post("/oauth2/authorize")
def answer() -> Response | str | tuple[str, int]:
    """The person says who they are, agrees or refuses; the ask is read again from the address."""
    wanted, decision = _wanted(), request.form.get("decision")
    if decision == "refuse":
        return _refused(wanted)
    if decision == "leave":
        return _as_person(redirect(request.full_path, 303), None)
    person_id = request.form.get("person", "")
    with here().state.transaction():
        person = here().state.find(Person, person_id)
    if decision not in ("enter", "authorize") or person is None or person.is_bot:
        return _page(wanted, "Choose who you are first.", status=422)
    if decision == "enter":
        return _as_person(redirect(request.full_path, 303), person_id)
    guild_id = (wanted.fixed_guild and wanted.guild_id) or request.form.get("guild")
    if wanted.wants_bot:
        if not _may_use(person_id):
            return _page(wanted, PRIVATE, status=403)
        if not _may_add_bot(person_id, guild_id):
            return _page(wanted, f"{person.name} may not manage that server.", status=403)
    return _as_person(_agreed_answer(wanted, person_id, guild_id), person_id)


@oauth.errorhandler(Unaskable)
def _unaskable(error: Unaskable) -> tuple[str, int]:
    return render_template("message.html", title="This link does not work", text=str(error)), 400


@oauth.errorhandler(SentBack)
def _sent_back(error: SentBack) -> Response:
    return redirect(error.address, 302)


def _wanted() -> Ask:
    """The ask in the address; an application that needs a code grant is not added without one."""
    wanted = read_ask(request.args, here().config)
    if wanted.wants_bot and not wanted.wants_code and _application().requires_code_grant:
        raise Unaskable("Integration requires code grant.")
    return wanted


def _page(wanted: Ask, problem: str | None = None, status: int = 200) -> tuple[str, int]:
    state = here().state
    chosen = request.form.get("person") or request.cookies.get(_cookie_name())
    with state.transaction():
        people = [person for person in state.every(Person) if not person.is_bot]
        person = next((person for person in people if person.id == chosen), None)
        servers = guilds.guilds_managed_by(state, person.id) if person else []
    if wanted.fixed_guild:
        servers = [guild for guild in servers if guild.id == wanted.guild_id]
    if person and wanted.wants_bot and not _may_use(person.id):
        problem, servers = PRIVATE, []
    page = render_template(
        "authorize.html",
        ask=wanted,
        people=people,
        person=person,
        servers=servers,
        scopes=[SCOPES[scope] for scope in wanted.scopes],
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
    guild = _bot_added(guild_id, wanted.granted(request.form))
    text = f"The bot is in {guild.name} now. You can close this page."
    return Response(render_template("message.html", title="Added", text=text), mimetype="text/html")


def _agreed(wanted: Ask, person_id: str, guild_id: str | None) -> str:
    """The address to go back to: the consent is remembered, a code waits, an invited bot is in."""
    sandbox = here()
    state, config = sandbox.state, sandbox.config
    code, granted = secret.draw(), wanted.granted(request.form)
    comes_later = wanted.wants_bot and _application().requires_code_grant
    with state.transaction():
        if wanted.wants_bot and not comes_later:
            _bot_added(guild_id, granted)
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
                permissions=granted if comes_later else None,
            )
        )
    if wanted.wants_bot:
        return wanted.redirected(code=code, guild_id=guild_id, permissions=str(granted))
    return wanted.redirected(code=code)


def _bot_added(guild_id: str | None, permissions: int) -> Guild:
    sandbox = here()
    with sandbox.state.transaction():
        guild = guilds.known_guild(sandbox.state, guild_id or "")
        admin_actions.invite_bot(sandbox.state, guild, sandbox.bot_id, permissions)
    return guild


def _agreed_before(wanted: Ask, person_id: str) -> bool:
    with here().state.transaction():
        consent = here().state.find(Consent, person_id)
    return consent is not None and set(wanted.scopes) <= set(consent.scopes)


def _may_use(person_id: str) -> bool:
    """Whether the application may be added to servers by this person: a private one by its owner alone."""
    return _application().is_public or person_id == OWNER_ID


def _application() -> Application:
    state = here().state
    with state.transaction():
        return guilds.own_application(state, here().config.client_id)


def _may_add_bot(person_id: str, guild_id: str | None) -> bool:
    state = here().state
    with state.transaction():
        return guild_id in [guild.id for guild in guilds.guilds_managed_by(state, person_id)]


def _as_person(response: Response, person_id: str | None) -> Response:
    """The answer, after which this browser is at Discord as this person, or as nobody."""
    if person_id:
        response.set_cookie(_cookie_name(), person_id, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(_cookie_name())
    return response


def _cookie_name() -> str:
    """Ports share cookies, so the port is part of the name."""
    return f"sandbox_person_{here().config.port}"
