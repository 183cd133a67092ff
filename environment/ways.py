"""How whoever runs this site gets at its commands, its settings and its log."""

import shlex
from pathlib import Path

from coaching.remedies import Ways
from environment.places import HOME, is_on_a_server
from environment.reading import DEFAULT_PORT


def ways_of(data_dir: Path, port: int, app_url: str, invitation: str) -> Ways:
    """Those of the guide for a server where it has put the code there, else those of a checkout."""
    quoted, code = shlex.quote(str(data_dir)), f"cd {shlex.quote(str(HOME))}"
    if is_on_a_server():
        unit, file = "systemctl restart greenroom", "/etc/greenroom/environment"
        return Ways("greenroom", unit, "journalctl -u greenroom -n 50", file, quoted, app_url, invitation)
    own = f"DATA_DIR={quoted} " if data_dir != HOME / "data" else ""
    own += f"PORT={port} " if port != DEFAULT_PORT else ""
    where, log = "the environment it is started with", "LOG_LEVEL=debug make run"
    restart = f"{code} && {own}make run"
    return Ways(
        f"{code} && {own}.venv/bin/flask",
        restart,
        f"{code} && {own}{log}",
        where,
        quoted,
        app_url,
        invitation,
    )
