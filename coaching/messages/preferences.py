"""What somebody chooses about their messages, as one value, and what holds for whoever has not chosen. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from coaching.catalog.reminders import DEFAULT_COACH_REMINDERS
from coaching.messages.planning.routing import Reach, Way
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, Channel, MessageKind

# By which kinds can be chosen; those about an account go where they have to.
CHOOSABLE = tuple(kind for kind, rules in RULES.items() if not rules.is_account)


@dataclass(frozen=True)
class Preferences:
    """`ways` has only kinds that were asked for on the page; quiet hours are minutes after midnight, or None."""

    ways: Mapping[MessageKind, Way]
    quiet_from: int | None = None
    quiet_until: int | None = None
    allows_replies: bool = False
    shows_answers: bool = False
    reminders: tuple[int, ...] = DEFAULT_COACH_REMINDERS


def kinds_for(*, is_coach: bool, is_admin: bool) -> list[MessageKind]:
    """The kinds that can reach such a person, in the order of the table."""
    audiences = {Audience.STUDENT} | ({Audience.COACH} if is_coach else set())
    if is_coach or is_admin:
        audiences.add(Audience.OWNER)
    reaches = [kind for kind in CHOOSABLE if RULES[kind].audience in audiences]
    return [kind for kind in reaches if is_admin or not RULES[kind].is_for_admins]


def way_by_default(kind: MessageKind, reach: Reach) -> Way:
    """By which way a message of this kind goes to somebody who has not chosen."""
    if not RULES[kind].is_on:
        return Way.OFF
    return Way.DISCORD if reach.channels[:1] == (Channel.DISCORD,) else Way.MAIL
