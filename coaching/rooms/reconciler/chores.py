"""What the reconciler does beside the steps of rooms: outcomes of sessions, who the bot is, searches for orphans."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from coaching.booking.models import CoachingSession
from coaching.booking.mutations import record_outcome
from coaching.call_budget.hold_mutations import claim_probe, release_bot
from coaching.call_budget.queries import EVERYWHERE
from coaching.db import UNAVAILABLE
from coaching.db_trouble import trouble_of
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.orphans.actions import sweep_guild
from coaching.rooms.orphans.mutations import SWEEP_AFTER_UNKNOWN_OUTCOME, want_sweep
from coaching.rooms.planning.case import RoomCase
from coaching.rooms.planning.outcome import UNKNOWN, Outcome, outcome_of
from coaching.rooms.planning.steps import retry_pause
from coaching.rooms.reconciler.carry_out import refuse_bot
from coaching.rooms.reconciler.state import IDENTIFYING, State

logger = structlog.get_logger(__name__)

LEAST_PAUSE_TO_IDENTIFY = timedelta(seconds=10)


def record_outcomes(state: State, cases: Iterable[RoomCase], now: datetime) -> None:
    """Record the outcome of every session of which it can be told."""
    _record(state, (outcome for case in cases if (outcome := _derived_outcome(state, case, now))), now)


def record_outcomes_without_room(state: State, now: datetime) -> None:
    """The same of sessions that ended without a room, or whose room has gone meanwhile."""
    roomless, cases = case_queries.ended_without_outcome(now)
    record_outcomes(state, cases, now)
    # On the phone nobody can be looked for; the coach knows better and may say so.
    _record(state, ((held, UNKNOWN if held.needs_room else Outcome("completed")) for held in roomless), now)


def _record(state: State, outcomes: Iterable[tuple[CoachingSession, Outcome]], now: datetime) -> None:
    """Outcomes that cannot be written keep no room from closing, and come later."""
    if state.is_unwritten:
        return
    try:
        for coaching_session, outcome in outcomes:
            record_outcome(coaching_session, outcome.state, now, outcome.absent)
    except UNAVAILABLE as error:
        if state.note_unwritten():
            logger.error("outcomes not written down", trouble=trouble_of(error))


def _derived_outcome(state: State, case: RoomCase, now: datetime) -> tuple[CoachingSession, Outcome] | None:
    try:
        outcome = outcome_of(case, now)
    except Exception as error:
        if state.note_news("no outcome", case.session_code):
            logger.error("an outcome cannot be told", room=case.session_code, error=type(error).__name__)
        return None
    return (CoachingSession.get_by_id(case.session_id), outcome) if outcome else None


def identify(state: State) -> None:
    """Find out who the bot is, or why that cannot be known: the steps that need it meet the same refusal."""
    try:
        state.bot_id, state.bot_error, state.identified_in_vain = state.host.bot_id(), None, 0
        return
    except HostError as error:
        state.bot_error = error
    except Exception as error:
        logger.error("the bot does not know itself", error=type(error).__name__)
        state.bot_error = HostError(type(error).__name__, Refusal.BROKEN)
    state.identified_in_vain += 1
    pause = max(retry_pause(state.identified_in_vain, state.bot_error.permanent), LEAST_PAUSE_TO_IDENTIFY)
    state.pause(IDENTIFYING, pause)


def probe(state: State) -> None:
    """Find out whether Discord takes the bot's token again, unless somebody else is finding out."""
    if not claim_probe(state.now().machine):
        return
    try:
        if state.bot_id:
            state.host.server_time()
        else:
            state.bot_id, state.bot_error = state.host.bot_id(), None
    except HostError as error:
        if error.kind == Refusal.UNAUTHORIZED:
            refuse_bot(state)
            return
        # No answer says nothing about the token: the claim runs out, and it is asked again.
        logger.warning("the bot's token was not probed", refusal=error.kind)
        return
    release_bot()
    state.holds.pop(EVERYWHERE, None)


def sweep(state: State, guild_id: str) -> None:
    """Search a guild for orphans and second rooms; soon once more where that broke."""
    try:
        sweep_guild(state.host, guild_id, state.now())
    except Exception as error:
        logger.warning("sweep broke", guild=guild_id, error=type(error).__name__)
        if trouble_of(error):
            state.note_unwritten()
        elif not (isinstance(error, HostError) and error.permanent):
            # Trouble that passes is no reason to leave a second room until the next usual search.
            pause = max(SWEEP_AFTER_UNKNOWN_OUTCOME, getattr(error, "retry_after", None) or timedelta())
            want_sweep(guild_id, state.now().machine + pause)
