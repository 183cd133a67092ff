"""The demo world: its people, guilds, roles and channels. Ids never change, so others may name them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.permissions import BOT_INVITE, Right
from sandbox.records import CATEGORY, FOR_ROLE, TEXT, VOICE, Channel, Guild, Member, Overwrite, Person, Role

if TYPE_CHECKING:
    from sandbox.state import State

APPLICATION_ID = "1210000000000000001"
GUILD_ID = "1210000000000000100"
FOREIGN_GUILD_ID = "1210000000000000200"
NEW_GUILD_ID = "1210000000000000300"

OWNER_ID = "1210000000000000010"
COACH_ID = "1210000000000000011"
COACH2_ID = "1210000000000000012"
STUDENT_ID = "1210000000000000013"
STUDENT2_ID = "1210000000000000014"
STRANGER_ID = "1210000000000000015"
NEWCOMER_ID = "1210000000000000016"

# username -> (id, the name people see)
PEOPLE = {
    "owner": (OWNER_ID, "Mara Quist"),
    "coach": (COACH_ID, "Nova Hart"),
    "coach2": (COACH2_ID, "Ben Okafor"),
    "student": (STUDENT_ID, "Sam Lindqvist"),
    "student2": (STUDENT2_ID, "Aiko Tanaka"),
    "stranger": (STRANGER_ID, "Robin Vale"),
    "newcomer": (NEWCOMER_ID, "Lee Marsh"),
}

# The demo guild's parts; the two other guilds add 100 and 200 to these ids.
TEAM_ROLE_ID = "1210000000000000101"
BOT_ROLE_ID = "1210000000000000102"
REGULARS_ROLE_ID = "1210000000000000103"
WELCOME_CATEGORY_ID = "1210000000000000110"
WELCOME_CHANNEL_ID = "1210000000000000111"
TALK_CHANNEL_ID = "1210000000000000112"
STUDIO_CATEGORY_ID = "1210000000000000120"
FEEDBACK_CHANNEL_ID = "1210000000000000121"
LOUNGE_CHANNEL_ID = "1210000000000000122"
LISTENING_CHANNEL_ID = "1210000000000000123"
BACKSTAGE_CHANNEL_ID = "1210000000000000124"

EVERYONE = int(
    Right.ADD_REACTIONS
    | Right.STREAM
    | Right.VIEW_CHANNEL
    | Right.SEND_MESSAGES
    | Right.EMBED_LINKS
    | Right.ATTACH_FILES
    | Right.READ_MESSAGE_HISTORY
    | Right.CONNECT
    | Right.SPEAK
    | Right.USE_VAD
    | Right.CHANGE_NICKNAME
    | Right.USE_APPLICATION_COMMANDS
)
TEAM = int(
    Right.MANAGE_GUILD | Right.MANAGE_CHANNELS | Right.MOVE_MEMBERS | Right.CREATE_EVENTS | Right.CREATE_INSTANT_INVITE
)
JOINED_AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC).isoformat()
MEMBERS = (OWNER_ID, COACH_ID, COACH2_ID, STUDENT_ID, STUDENT2_ID, STRANGER_ID)


def plant(state: "State", client_id: str, guild_id: str) -> None:
    """The demo world exists; a state that already has people is left as it is."""
    with state.transaction():
        if state.every(Person):
            return
        for username, (user_id, name) in PEOPLE.items():
            state.put(Person(user_id, username, name))
        state.put(Person(client_id, "greenroom", "Greenroom", is_bot=True))
        _plant_demo_guild(state, client_id, guild_id)
        _plant_foreign_guild(state, client_id)
        _plant_guild_without_bot(state)


def _plant_demo_guild(state: "State", client_id: str, guild_id: str) -> None:
    """The guild of the demo: coaches hold Manage Server, the owner is neither coach nor student."""
    _plant_guild(state, guild_id, "Greenroom demo", MEMBERS)
    state.put(Role(TEAM_ROLE_ID, guild_id, "Team", TEAM, 3, color=0x2E7D5B, hoist=True))
    state.put(Role(BOT_ROLE_ID, guild_id, "Greenroom", BOT_INVITE, 2, managed_by=client_id))
    state.put(Role(REGULARS_ROLE_ID, guild_id, "Regulars", 0, 1))
    for coach in (COACH_ID, COACH2_ID):
        state.put(Member(guild_id, coach, JOINED_AT, (TEAM_ROLE_ID,)))
    state.put(Member(guild_id, client_id, JOINED_AT, (BOT_ROLE_ID,)))
    for channel in _demo_channels(guild_id):
        state.put(channel)


def _demo_channels(guild_id: str) -> list[Channel]:
    backstage = (
        Overwrite(guild_id, FOR_ROLE, deny=int(Right.VIEW_CHANNEL)),
        Overwrite(TEAM_ROLE_ID, FOR_ROLE, allow=int(Right.VIEW_CHANNEL)),
    )
    return [
        Channel(WELCOME_CATEGORY_ID, guild_id, CATEGORY, "Welcome", 0),
        Channel(WELCOME_CHANNEL_ID, guild_id, TEXT, "welcome", 0, WELCOME_CATEGORY_ID),
        Channel(TALK_CHANNEL_ID, guild_id, TEXT, "small-talk", 1, WELCOME_CATEGORY_ID),
        Channel(STUDIO_CATEGORY_ID, guild_id, CATEGORY, "Studio", 1),
        Channel(FEEDBACK_CHANNEL_ID, guild_id, TEXT, "feedback", 0, STUDIO_CATEGORY_ID),
        Channel(BACKSTAGE_CHANNEL_ID, guild_id, TEXT, "backstage", 1, STUDIO_CATEGORY_ID, backstage),
        Channel(LOUNGE_CHANNEL_ID, guild_id, VOICE, "Lounge", 0, STUDIO_CATEGORY_ID),
        Channel(LISTENING_CHANNEL_ID, guild_id, VOICE, "Listening room", 1, STUDIO_CATEGORY_ID),
    ]


def _plant_foreign_guild(state: "State", client_id: str) -> None:
    """A guild that has the bot and the coach, who manages nothing there."""
    guild_id = FOREIGN_GUILD_ID
    _plant_guild(state, guild_id, "Somebody else's guild", (OWNER_ID, COACH_ID, STUDENT_ID))
    state.put(Role(_moved(BOT_ROLE_ID, 100), guild_id, "Greenroom", BOT_INVITE, 1, managed_by=client_id))
    state.put(Member(guild_id, client_id, JOINED_AT, (_moved(BOT_ROLE_ID, 100),)))
    state.put(Channel(_moved(TALK_CHANNEL_ID, 100), guild_id, TEXT, "general", 0))


def _plant_guild_without_bot(state: "State") -> None:
    """A guild whose bot invite is still to come; the coach manages it."""
    guild_id = NEW_GUILD_ID
    _plant_guild(state, guild_id, "Nova's new guild", (OWNER_ID, COACH_ID))
    state.put(Role(_moved(TEAM_ROLE_ID, 200), guild_id, "Team", TEAM, 1))
    state.put(Member(guild_id, COACH_ID, JOINED_AT, (_moved(TEAM_ROLE_ID, 200),)))
    state.put(Channel(_moved(TALK_CHANNEL_ID, 200), guild_id, TEXT, "general", 0))


def _plant_guild(state: "State", guild_id: str, name: str, members: tuple[str, ...]) -> None:
    state.put(Guild(guild_id, name, OWNER_ID))
    state.put(Role(guild_id, guild_id, "@everyone", EVERYONE, 0))
    for user_id in members:
        state.put(Member(guild_id, user_id, JOINED_AT))


def _moved(snowflake: str, by: int) -> str:
    return str(int(snowflake) + by)
