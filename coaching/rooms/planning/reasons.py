"""Why a step is taken: what the plan says, the room's log keeps, and Discord's audit log shows. Pure."""

from enum import StrEnum


class Reason(StrEnum):
    """A code and its words, as the end of a sentence. Kept lines name their reason by the code: it never changes."""

    words: str

    def __new__(cls, code: str, words: str) -> "Reason":
        reason = str.__new__(cls, code)
        reason._value_, reason.words = code, words
        return reason

    ROOM_IN_DOUBT = "room_in_doubt", "look whether the room was made after all"
    ROLE_IN_DOUBT = "role_in_doubt", "look whether the role was made after all"
    SESSIONS_COME = "sessions_come", "sessions are coming"
    SESSION_NEAR = "session_near", "the session is near"
    TIME_TO_OPEN = "time_to_open", "it is time to open"
    TIME_TO_CLOSE = "time_to_close", "it is time to close"
    NOT_TIME_TO_OPEN = "not_time_to_open", "it is not time to open yet"
    NOT_OPEN_YET = "not_open_yet", "it is not open yet"
    TIME_OVER = "time_over", "the time is over"
    PLANNED_TIME_OVER = "planned_time_over", "the planned time is over"
    ROOM_OPENED = "room_opened", "the room has opened"
    LETS_IN_OTHERS = "lets_in_others", "the room lets in others than it should"
    LETS_IN_NOBODY = "lets_in_nobody", "nobody is to be let in"
    NOT_FOR_THEM = "not_for_them", "the room is not for them"
    OTHER_MODE = "other_mode", "the store lets people in by another way now"
    UNUSED = "unused", "no store needs it any more"
    NOT_NEEDED_YET = "not_needed_yet", "it is not needed yet"
    SESSION_OVER = "session_over", "the session is over"
    SESSION_CANCELLED = "session_cancelled", "the session was cancelled"
    NOTHING_LEFT = "nothing_left", "nothing is left to do"
    CHECK_ROOM = "check_room", "see whether the room is as we left it"
    CHECK_MEMBER = "check_member", "see whether they are on the server"
    LOOK_INSIDE = "look_inside", "see who is in the room"
