"""A backup from before a booking is restored: its room is shown, and goes by a press or by a yes, at the sandbox."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import GuildMember, Person
from coaching.backups.actions import back_up
from coaching.catalog.models import Product, Store
from coaching.db import database
from coaching.guild_parts import CATEGORY, VOICE
from coaching.rooms.models import GuildSweep, Installation, Orphan, Room
from sandbox.records import Channel
from tests import databases, factories
from tests.rooms.in_process_sandbox import COACH, GUILD, STUDENT, InProcessHost, InProcessSandbox, Wire

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
AT = (START - timedelta(minutes=5)).isoformat()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[InProcessSandbox]:
    near = InProcessSandbox(tmp_path)
    yield near
    near.end()


@pytest.fixture
def site(app: Flask, sandbox: InProcessSandbox, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A demo at the sandbox, with a store in its guild."""
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))
    app.extensions["settings"] = replace(app.extensions["settings"], demo=True)
    app.extensions["host"] = InProcessHost(Wire(sandbox))
    coach = factories.make_person("Coach", linked_as=COACH)
    factories.make_person("Lee", linked_as=STUDENT)
    GuildMember.update(discord_guild_id=GUILD).execute()
    guild = factories.make_guild(GUILD)
    factories.make_product(factories.make_store(coach, guild=guild, guild_recheck_at=START + timedelta(days=900)))
    return app


def run(site: Flask, *words: str, answer: str | None = None) -> str:
    """What the command says."""
    done = site.test_cli_runner().invoke(args=words, input=answer)
    assert done.exit_code == 0, done.output
    return done.output


def book_and_open(site: Flask) -> str:
    """A session is booked and its room opens; the room's name."""
    student = Person.get(Person.name == "Lee")
    factories.make_coaching_session(Product.get(), student, starts_at=START)
    run(site, "rooms", "tick", "--at", AT)
    return channel_names_of(Room.get(Room.kind == "session"))


def channel_names_of(room: Room) -> str:
    return f"Mixing call · Lee · {room.code}"


def put_back(site: Flask, path: Path, *words: str, answer: str | None = None) -> str:
    databases.close()
    # What is kept of the database before is called by the second.
    for kept in (site.extensions["settings"].data_dir / "backups").glob("*"):
        kept.unlink()
    said = run(site, "db", "restore", str(path), *words, answer=answer)
    database.connect(reuse_if_open=True)
    return said


def standing(sandbox: InProcessSandbox) -> tuple[list[str], int]:
    """The names of the rooms at the sandbox, and how many categories of ours there are."""
    channels = sandbox.parts.state.every(Channel, guild_id=GUILD)
    categories = [
        channel for channel in channels if channel.type == CATEGORY and channel.name.startswith("Coaching rooms ")
    ]
    return [channel.name for channel in channels if channel.type == VOICE and "Mixing" in channel.name], len(categories)


def test_a_room_that_the_backup_does_not_know_is_shown_and_goes_by_a_press(
    site: Flask, sandbox: InProcessSandbox, tmp_path: Path, browser_of: Callable[[Person | None], FlaskClient]
) -> None:
    back_up(tmp_path / "before")
    name = book_and_open(site)
    assert standing(sandbox) == ([name], 1)
    assert len(sandbox.snapshot().rooms[0]) == 2

    said = put_back(site, tmp_path / "before", "--orphans", "keep").splitlines()

    assert not Room.select().exists()
    [room, category] = [line for line in said if line.startswith(("  open", "  closed"))]
    assert room.startswith("  open    channel")
    assert name in room
    assert "  closed  category" in category
    assert any("/admin/orphans" in line for line in said)
    assert standing(sandbox) == ([name], 1)
    assert GuildSweep.get(GuildSweep.discord_guild_id == GUILD).due_at, "the worker looks for itself, too"

    listed = run(site, "rooms", "sweep")
    assert name in listed
    assert standing(sandbox) == ([name], 1)
    admin = browser_of(factories.make_person("Admin", is_admin=True))
    for address in ("/admin", "/admin/rooms"):
        assert "without belonging to anything here" in admin.get(address).text
    assert name in admin.get("/admin/orphans").text
    assert name in browser_of(Store.get().owner).get("/dashboard").text
    orphan = Orphan.get(Orphan.kind == "channel")
    assert "removing ends that call" in admin.get(f"/admin/orphans/{orphan.id}").text

    closed = admin.post(f"/admin/orphans/{orphan.id}/closing", follow_redirects=True)

    assert "is closed" in closed.text
    assert sandbox.snapshot().rooms == [frozenset()], "it stands, and neither of them sees it"
    removed = admin.post(f"/admin/orphans/{orphan.id}/removal", follow_redirects=True)
    assert "is removed" in removed.text
    assert standing(sandbox) == ([], 1)
    assert admin.post(f"/admin/orphans/{orphan.id}/removal").status_code == 404
    assert browser_of(Store.get().owner).post(f"/admin/orphans/{orphan.id}/removal").status_code == 404


def test_a_restore_asks_and_a_yes_removes_what_is_left_over(
    site: Flask, sandbox: InProcessSandbox, tmp_path: Path
) -> None:
    # A backup from before there were marks knows no installation.
    back_up(tmp_path / "before")
    name = book_and_open(site)
    mark = Installation.get().code
    sandbox.by_hand(lambda state: state.put(replace(sandbox.room(), id="1", name=f"Lounge · {'2' * 13}")))

    said = put_back(site, tmp_path / "before", answer="")  # nobody is there

    assert f"{name}  on" in said
    assert "They stay" in said
    assert Installation.get().code == mark, "else what was made since would be nobody's"
    assert standing(sandbox) == ([name], 1)
    assert "They stay" in put_back(site, tmp_path / "before", answer="n\n")
    said = put_back(site, tmp_path / "before", answer="y\n")
    assert f"{name}: removed" in said
    assert standing(sandbox) == ([], 0)
    assert "Nothing stands in Discord that is not in the backup." in put_back(site, tmp_path / "before")
    book_and_open(site)
    assert ": removed" in put_back(site, tmp_path / "before", "--orphans", "remove")
    assert standing(sandbox) == ([], 0)
    assert sandbox.parts.state.find(Channel, "1"), "it is not ours"


def test_a_restore_while_discord_is_out_of_reach_stands(site: Flask, sandbox: InProcessSandbox, tmp_path: Path) -> None:
    back_up(tmp_path / "before")
    name = book_and_open(site)
    site.extensions["host"].wire.hand_on = refuse_connection

    said = put_back(site, tmp_path / "before", "--orphans", "remove")

    assert "is the database now" in said
    assert f"Server {GUILD} was not searched to the end" in said
    assert "Nothing stands" not in said
    assert standing(sandbox) == ([name], 1)


def refuse_connection(request: object) -> None:
    import requests

    raise requests.ConnectionError("refused")
