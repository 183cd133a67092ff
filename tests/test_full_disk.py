"""A disk without any room left: the reserve makes some, so that the next try works and rooms go on being closed."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.db import database, open_database
from coaching.operation.reserve_actions import NAME
from tests import databases
from tests.pages import form_to

DISK = 24 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own; not every machine lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
        subprocess.run(mount, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield folder
    databases.close()
    subprocess.run(["umount", str(folder)], check=True, timeout=10)


@pytest.mark.one_database
def test_a_full_disk_refuses_one_form_with_its_words_and_takes_it_again(
    app: Flask, small_disk: Path, browser_of: Callable[[Person], FlaskClient], bob: Person
) -> None:
    databases.close()
    shutil.copy(database.obj.database, small_disk / "greenroom.db")
    database.initialize(open_database(f"sqlite:///{small_disk}/greenroom.db"))
    app.extensions["settings"] = replace(app.extensions["settings"], data_dir=small_disk)
    browser = browser_of(bob)
    form = form_to(browser.get("/settings").get_data(as_text=True), "/settings/profile")
    with browser.session_transaction() as cookie:
        cookie["holder"] = bob.id
    (small_disk / NAME).write_bytes(bytes(4 * 1024 * 1024))
    with suppress(OSError), (small_disk / "others").open("wb", buffering=0) as others:
        while True:
            others.write(bytes(64 * 1024))

    refused = browser.post("/settings/profile", data=form.fields | {"name": "Bob with a longer name"})
    again = form_to(refused.get_data(as_text=True), "/settings/profile")

    assert (refused.status_code, (small_disk / NAME).exists()) == (503, False)
    assert browser.post(again.action, data=again.fields).status_code == 303
    assert Person.get_by_id(bob.id).name == "Bob with a longer name"
