"""Accounts: who a token speaks for, the application, direct channels."""

from flask import request

from sandbox import answers, application_answers, bodies, guilds
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.middleware import Answer, bot_call, person_call
from sandbox.oauth_records import Token
from sandbox.records import DirectChannel, Member
from sandbox.rest import rest
from sandbox.seed import OWNER_ID


@rest.get("/users/@me")
@person_call("identify", bot_too=True)
def own_user(token: Token | None) -> Answer:
    sandbox = here()
    person = guilds.known_person(sandbox.state, token.user_id if token else sandbox.bot_id)
    return answers.own_user(person, with_email=token is not None and "email" in token.scopes), 200


@rest.get("/users/@me/guilds")
@bot_call
def own_guilds() -> Answer:
    """The guilds the bot is in. A person's own are not asked for, and `guilds` is no scope of ours."""
    sandbox = here()
    memberships = sandbox.state.every(Member, user_id=sandbox.bot_id)
    known = [guilds.known_guild(sandbox.state, membership.guild_id) for membership in memberships]
    return [answers.guild_in_list(sandbox.state, guild, sandbox.bot_id) for guild in known], 200


@rest.get("/users/@me/guilds/<guild_id>/member")
@person_call("guilds.members.read")
def own_membership(token: Token, guild_id: str) -> Answer:
    state = here().state
    guilds.known_guild(state, guild_id)
    return answers.member(state, guilds.known_member(state, guild_id, token.user_id)), 200


@rest.get("/users/<user_id>")
@bot_call
def user(user_id: str) -> Answer:
    return answers.user(guilds.known_person(here().state, user_id)), 200


@rest.get("/oauth2/@me")
@person_call()
def own_authorization(token: Token) -> Answer:
    sandbox = here()
    answer = {
        "application": application_answers.application(sandbox.state, sandbox.config),
        "scopes": list(token.scopes),
        "expires": answers.instant(token.expires_at),
    }
    if "identify" in token.scopes:
        answer["user"] = answers.user(guilds.known_person(sandbox.state, token.user_id))
    return answer, 200


@rest.get("/applications/@me")
@rest.get("/oauth2/applications/@me")
@bot_call
def own_application() -> Answer:
    sandbox = here()
    return application_answers.own_application(sandbox.state, sandbox.config, OWNER_ID), 200


@rest.post("/users/@me/channels")
@bot_call
def open_direct_channel() -> Answer:
    """The talk with a person; there is only ever one."""
    sandbox = here()
    state = sandbox.state
    user_id = bodies.needed_snowflake(bodies.json_body(request), "recipient_id")
    person = guilds.known_person(state, user_id)
    if person.is_bot:
        raise Refused(50033)
    talks = state.every(DirectChannel, user_id=person.id)
    if not talks:
        if not sandbox.limits.new_talk_allowed():
            raise Refused(40003)
        talks = [state.put(DirectChannel(state.new_id(), person.id))]
    return answers.direct_channel(state, talks[0]), 200
