"""Greenroom's command line for a server: `greenroom doctor` as root runs `flask doctor` as Greenroom's own user.

It reads the settings the way systemd reads an EnvironmentFile, so nothing in them is ever run by a shell.
"""

import os
import pwd
import shlex
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
ENVIRONMENT = Path(os.environ.get("GREENROOM_ENVIRONMENT", "/etc/greenroom/environment"))
USER = os.environ.get("GREENROOM_USER", "greenroom")


def main() -> None:
    try:
        settings = read(ENVIRONMENT.read_text(encoding="utf-8"))
        drop_rights(USER)
    except (OSError, ValueError, LookupError) as problem:
        sys.exit(f"greenroom: {problem}. Run it as root, as in: sudo greenroom doctor")
    os.umask(0o077)
    os.chdir(HOME)
    kept = {name: os.environ[name] for name in ("TERM", "LANG", "LC_ALL") if name in os.environ}
    python = HOME / ".venv/bin/python"
    os.execve(python, [str(python), "-m", "flask", *sys.argv[1:]], {"PATH": os.defpath} | kept | settings)


def read(text: str) -> dict[str, str]:
    """The settings in the file's text; ValueError names the line that is none."""
    settings = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        name, is_there, value = line.partition("=")
        if not is_there or not name.strip().isidentifier():
            raise ValueError(f"line {number} of {ENVIRONMENT} is not NAME=value")
        value = value.strip()
        # Quotation marks around the whole value do not belong to it; within it nothing is special.
        settings[name.strip()] = "".join(shlex.split(value)) if value[:1] in ("'", '"') else value
    return settings


def drop_rights(user: str) -> None:
    """Go on as `user` for good; as that user already there is nothing to do."""
    entry = pwd.getpwnam(user)
    if os.geteuid() == entry.pw_uid:
        return
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main()
