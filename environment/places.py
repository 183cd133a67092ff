"""Where Greenroom lies on its machine, and the folder of its data."""

import stat
from pathlib import Path

from environment.errors import SettingsError

HOME = Path(__file__).resolve().parent.parent
# Linked there by the guide for a server: what it runs has the service's settings.
SERVER_COMMAND = Path("/usr/local/sbin/greenroom")
DATABASE_FILE, QUEUE_FILE = "greenroom.db", "queue.db"
# What tells a folder that is in use from an empty one.
OWN_FILES = (DATABASE_FILE, QUEUE_FILE, "run.lock", "backups", "exports", "pictures.lock", "reserve", "demo.json")


def is_on_a_server() -> bool:
    """True for code that the guide for a server has put where it is."""
    return SERVER_COMMAND.resolve() == HOME / "deploy" / "greenroom"


def prepared_data_dir(given: str | None) -> Path:
    """The absolute DATA_DIR, as given or beside the code, made if need be and closed to other users of the machine."""
    path = Path(given or HOME / "data").expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A folder of the system, closed to all others, would keep the whole machine from working.
        if path.stat().st_mode & stat.S_ISVTX:
            raise SettingsError(f"DATA_DIR {str(path)!r} belongs to everybody: name a folder of Greenroom's own in it.")
        names = {entry.name for entry in path.iterdir()} - {"lost+found"}
        if names and not any(_is_own(name) for name in names):
            raise SettingsError(f"DATA_DIR {str(path)!r} holds other things: name a new folder, as in {path / 'data'}.")
        path.chmod(0o700)
    except OSError as problem:
        raise SettingsError(f"DATA_DIR {str(path)!r} cannot be made or closed to others: {problem.strerror}.") from None
    except ValueError:
        raise SettingsError("DATA_DIR has a character that no folder can have in its name.") from None
    return path


def _is_own(name: str) -> bool:
    """True for a file as Greenroom makes them, or a backup laid there to be restored."""
    return name in OWN_FILES or name.endswith((".db", ".dump"))


def check_sqlite_path(name: str, path: Path) -> None:
    if path.is_dir():
        raise SettingsError(f"{name} names the folder {str(path)!r}: add the name of a file in it.")
    if not path.parent.is_dir():
        raise SettingsError(f"{name} names a file in {str(path.parent)!r}, and there is no such folder: make it first.")


def demo_file(data_dir: Path) -> Path:
    return data_dir / "demo.json"
