"""How a room's channel is called: our word and a code of random letters, by which it is found again. Pure."""

PREFIX = "coaching-"


def channel_name(code: str) -> str:
    """The channel's name for a room's code. ASCII without spaces: Discord rewrites other names."""
    return PREFIX + code


def code_in(name: str) -> str | None:
    """The room's code in a channel's name, or None in anybody else's."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else None
