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
    settings = known_settings()
    kept = {name: os.environ[name] for name in ("TERM", "LANG", "LC_ALL") if name in os.environ}
    python = HOME / ".venv/bin/python"
    os.umask(0o077)
    try:
        drop_rights(USER)
        os.chdir(HOME)
        os.execve(python, [str(python), "-m", "flask", *sys.argv[1:]], {"PATH": os.defpath} | kept | settings)
    except LookupError:
        sys.exit(f"greenroom: there is no user {USER}. The guide makes one: adduser --system --group {USER}")
    except OSError as problem:
        if os.geteuid() and problem.filename is None:
            sys.exit("greenroom: run it as root, as in: sudo greenroom doctor")
        sys.exit(f"greenroom: {USER} may not read {HOME}. As root: chmod -R go=rX {HOME}")


def known_settings() -> dict[str, str]:
    """The settings in the environment's file, or the end with a sentence that says what to do."""
    try:
        return read(ENVIRONMENT.read_text(encoding="utf-8"))
    except PermissionError:
        sys.exit("greenroom: run it as root, as in: sudo greenroom doctor")
    except OSError as problem:
        sys.exit(f"greenroom: {ENVIRONMENT} cannot be read ({problem.strerror}). The guide says how it is made.")
    except UnicodeDecodeError:
        sys.exit(f"greenroom: {ENVIRONMENT} holds something else than text in UTF-8. Write it anew.")
    except ValueError as problem:
        sys.exit(f"greenroom: {problem}. Write each setting on a line of its own, like APP_URL=https://your.domain")


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
        try:
            settings[name.strip()] = "".join(shlex.split(value)) if value[:1] in ("'", '"') else value
        except ValueError:
            raise ValueError(f"line {number} of {ENVIRONMENT} has a quotation mark that is not closed") from None
    return settings


def drop_rights(user: str) -> None:
    """Go on as `user` for good; as that user already there is nothing to do."""
    entry = pwd.getpwnam(user)
    if os.geteuid() == entry.pw_uid:
        return
    if path := not_roots(HOME, entry.pw_uid):
        # Root runs what lies here: whoever can put something else in its place becomes root.
        sys.exit(f"greenroom: {path} belongs to {user}, who could exchange the code there. As root: chown root: {path}")
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def not_roots(path: Path, uid: int) -> Path | None:
    """The first folder from `path` upwards that belongs to this user, or None."""
    return next((folder for folder in (path, *path.parents) if folder.stat().st_uid == uid), None)


if __name__ == "__main__":
    main()
