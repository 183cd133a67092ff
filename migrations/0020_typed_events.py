"""A line of a room's log, or of a session's history, is a kind with fields instead of a sentence.

Sentences that no version has written become notes with their text; a reason that is unknown stays as it is.
"""

import json
import re

from peewee import TextField, chunked

_ROOM_KINDS = {
    "made hidden": "made_hidden",
    "made open": "made_open",
    "opened": "opened",
    "closed": "closed",
    "hidden": "hidden",
    "removed": "removed",
    "was gone already": "already_gone",
    "settled": "settled",
    "found again": "found",
    "looked in vain": "not_found",
    "access corrected": "access_corrected",
    "found deleted": "deleted_by_others",
    "found changed by hand": "changed_by_others",
    "the category is full": "category_full",
    "the category is gone": "category_deleted",
    "role made": "role_made",
    "role found again": "role_found",
    "role given": "role_given",
    "role taken": "role_taken",
    "without their role": "role_missing",
    "role removed": "role_removed",
    "the role was gone already": "role_already_gone",
    "the role was found deleted": "role_deleted",
    "joined after the opening": "joined_late",
    "put out of the call": "disconnected",
    "greeted": "greeted",
    "told them that the time is over": "warned",
}
_BY_HAND = {
    "wanted open now": "opened_by_hand",
    "wanted closed now": "closed_by_hand",
    "wanted tried again": "retried",
}
_REASONS = {
    "look whether the room was made after all": "room_in_doubt",
    "look whether the role was made after all": "role_in_doubt",
    "sessions are coming": "sessions_come",
    "the session is near": "session_near",
    "it is time to open": "time_to_open",
    "it is time to close": "time_to_close",
    "it is not time to open yet": "not_time_to_open",
    "it is not open yet": "not_open_yet",
    "the time is over": "time_over",
    "the planned time is over": "planned_time_over",
    "the room has opened": "room_opened",
    "the room lets in others than it should": "lets_in_others",
    "nobody is to be let in": "lets_in_nobody",
    "the room is not for them": "not_for_them",
    "the store lets people in by another way now": "other_mode",
    "no store needs it any more": "unused",
    "it is not needed yet": "not_needed_yet",
    "the session is over": "session_over",
    "the session was cancelled": "session_cancelled",
    "nothing is left to do": "nothing_left",
    "see whether the room is as we left it": "check_room",
    "see whether they are on the server": "check_member",
    "see who is in the room": "look_inside",
}
_STEPS = [
    "find",
    "make_role",
    "make",
    "set_access",
    "give_role",
    "take_role",
    "disconnect",
    "remove",
    "remove_role",
    "settle",
    "greet",
    "warn",
    "check",
    "check_member",
    "look",
]
_REFUSALS = [
    "unauthorized",
    "missing_access",
    "missing_permission",
    "two_factor_required",
    "unknown_guild",
    "unknown_channel",
    "unknown_member",
    "unknown_role",
    "unknown_thing",
    "guild_full",
    "roles_full",
    "category_full",
    "name_refused",
    "dm_refused",
    "banned",
    "too_many_guilds",
    "joining_limited",
    "user_token_invalid",
    "user_scope_missing",
    "rate_limited",
    "blocked",
    "server_error",
    "refused_connection",
    "no_answer",
    "bad_answer",
    "broken",
    "other",
]
_TROUBLE = re.compile(rf"({'|'.join(_STEPS)}) (failed|has to wait): ({'|'.join(_REFUSALS)})")
_NO_ROLES = re.compile(rf"no more roles on this server.* \(({'|'.join(_REFUSALS)})\)")
_WALK = re.compile(r"(coach|student) (came|left)")
_LONGER = re.compile(r"wanted open (\d+) minutes longer")
_SAID_SO = re.compile(r"(.+) said so", re.DOTALL)
_ORPHAN = re.compile(r"(channel|role) (\d+) was not the room's own")
_BECAME = re.compile(r"(corrected to )?(completed|no_show)(?:: (student|coach|both|unknown))?")


def up(migrator, db):
    migrator.migrate(
        migrator.rename_column("room_event", "what", "kind"),
        migrator.rename_column("room_event", "why", "reason"),
        migrator.add_column("room_event", "fields", TextField(null=True)),
        migrator.rename_column("session_event", "what", "kind"),
        migrator.add_column("session_event", "fields", TextField(null=True)),
    )
    _convert(db, "room_event", ("kind", "reason"), _room_line)
    _convert(db, "session_event", ("kind",), _session_line)
    migrator.migrate(migrator.add_not_null("room_event", "fields"), migrator.add_not_null("session_event", "fields"))


def _convert(db, table, columns, convert):
    """Every line says by its columns and its fields what `convert` makes of the columns; each text is read once."""
    named = ", ".join(columns)
    texts = db.execute_sql(f"SELECT DISTINCT {named} FROM {table}").fetchall()
    olds = ", ".join(f"old_{name} TEXT" for name in columns)
    key = ", ".join(f"old_{name}" for name in columns)
    news = ", ".join(f"new_{name} TEXT" for name in columns)
    db.execute_sql(f"CREATE TEMPORARY TABLE said ({olds}, {news}, new_fields TEXT, PRIMARY KEY ({key}))")
    width = 2 * len(columns) + 1
    for some in chunked(texts, 500):
        places = ", ".join([f"({', '.join([db.param] * width)})"] * len(some))
        values = [value for text in some for value in (*text, *convert(*text))]
        db.execute_sql(f"INSERT INTO said VALUES {places}", values)
    found = " AND ".join(f"said.old_{name} = {table}.{name}" for name in columns)
    told = ", ".join(f"new_{name}" for name in (*columns, "fields"))
    db.execute_sql(f"UPDATE {table} SET ({named}, fields) = (SELECT {told} FROM said WHERE {found})")
    db.execute_sql("DROP TABLE said")


def _room_line(what, why):
    """Kind, reason and fields of a line of a room's log."""
    kind, fields = _room_event(what, why)
    is_told = kind == "orphan_removed" or "actor" in fields
    return kind, "" if is_told else _REASONS.get(why, why), json.dumps(fields, ensure_ascii=False)


def _room_event(what, why):
    if what in _ROOM_KINDS:
        return _ROOM_KINDS[what], {}
    if trouble := _TROUBLE.fullmatch(what):
        kind = "step_failed" if trouble[2] == "failed" else "step_delayed"
        return kind, {"step": trouble[1], "refusal": trouble[3]}
    if walk := _WALK.fullmatch(what):
        return walk[2], {"side": walk[1]}
    if full := _NO_ROLES.fullmatch(what):
        return "no_more_roles", {"refusal": full[1]}
    if what == "stray removed" and (orphan := _ORPHAN.fullmatch(why)):
        return "orphan_removed", {"thing": orphan[1], "discord_id": orphan[2]}
    if said := _SAID_SO.fullmatch(why):
        if what in _BY_HAND:
            return _BY_HAND[what], {"actor": said[1]}
        if longer := _LONGER.fullmatch(what):
            return "extended", {"actor": said[1], "minutes": int(longer[1])}
    return "note", {"text": what}


def _session_line(what):
    """Kind and fields of a line of a session's history."""
    if what in ("booked", "cancelled", "paid", "unpaid"):
        return what, "{}"
    if what == "in_progress":
        return "started", "{}"
    if became := _BECAME.fullmatch(what):
        fields = {"outcome": became[2], "absent": became[3]}
        return "corrected" if became[1] else "outcome", json.dumps(fields)
    return "note", json.dumps({"text": what}, ensure_ascii=False)
