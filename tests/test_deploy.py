"""What `deploy/` holds for self-hosters fits the product."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from coaching.rooms.recording.results import LATE
from coaching.tallies.mutations import count
from scripts import greenroom
from scripts.greenroom import read

ALERTS = Path(__file__).parent.parent / "deploy" / "prometheus-alerts.yml"
WITH_SECRET = {"Authorization": "Bearer cron secret for tests only"}


def test_alerts_ask_for_figures_that_are_told(client: FlaskClient) -> None:
    count(LATE, "open 30")
    metric_families = list(text_string_to_metric_families(client.get("/metrics", headers=WITH_SECRET).text))
    names = {sample.name for family in metric_families for sample in family.samples} | {
        family.name for family in metric_families
    }
    families = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in names}

    asked = set(re.findall(r"greenroom_[a-z_]+", ALERTS.read_text()))

    # Not told before the first of their kind.
    later = {"greenroom_worker_heartbeat_age_seconds", "greenroom_backup_timestamp_seconds", "greenroom_http_requests"}
    assert {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in asked} <= families | later
    assert 'le="30.0"' in client.get("/metrics", headers=WITH_SECRET).text


def test_alerts_are_written_as_prometheus_reads_them() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed here (Debian's package prometheus has it)")
    done = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_are_read_as_systemd_reads_them() -> None:
    text = """
    # a comment
    ; another
    APP_URL=https://your.domain
    MAIL_URL=smtps://na%23me:pa$$word`id`@mail.example.com:465?from=a@b.example
    SECRET_KEY = "with spaces # and a sign"
    EMPTY=
    """

    assert read(text) == {
        "APP_URL": "https://your.domain",
        "MAIL_URL": "smtps://na%23me:pa$$word`id`@mail.example.com:465?from=a@b.example",
        "SECRET_KEY": "with spaces # and a sign",
        "EMPTY": "",
    }


@pytest.mark.parametrize("line", ["APP_URL", "export APP_URL=x", "=x", 'A="not closed'])
def test_a_line_that_is_no_setting_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 1|closing quotation"):
        read(line)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop")
def test_the_command_goes_on_without_the_rights_of_root() -> None:
    program = (
        "import os; from scripts.greenroom import drop_rights; drop_rights('nobody')\n"
        "print(os.geteuid(), os.getgroups())\n"
        "os.setuid(0)"
    )
    command = [sys.executable, "-c", program]

    done = subprocess.run(command, cwd=ALERTS.parent.parent, capture_output=True, text=True, check=False)

    user = pwd.getpwnam("nobody")
    assert done.stdout.split(" ", 1) == [str(user.pw_uid), f"[{user.pw_gid}]\n"]
    assert "PermissionError" in done.stderr


def test_the_command_says_what_is_wrong_before_it_runs_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "environment"
    monkeypatch.setattr(greenroom, "ENVIRONMENT", file)
    for content, words in (
        (None, r"cannot be read \(No such file or directory\)"),
        (b"SECRET_KEY\n", "line 1 of .* is not NAME=value. Write each setting on a line of its own"),
        (b"A='not closed\n", "line 1 of .* a quotation mark that is not closed"),
        (b"A=\xff\xfe\n", "something else than text"),
    ):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SystemExit, match=words):
            greenroom.known_settings()
    with pytest.raises(LookupError):
        greenroom.drop_rights("nobody-of-this-name")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_code_that_the_service_could_exchange_is_not_run_by_root(tmp_path: Path) -> None:
    code = tmp_path / "srv" / "app"
    code.mkdir(parents=True)
    nobody = pwd.getpwnam("nobody")
    assert greenroom.not_roots(code, nobody.pw_uid) is None

    os.chown(code.parent, nobody.pw_uid, nobody.pw_gid)

    assert greenroom.not_roots(code, nobody.pw_uid) == code.parent


def test_the_unit_is_as_closed_as_it_can_be(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed here")
    unit = shutil.copy(ALERTS.parent / "greenroom.service", tmp_path)
    done = subprocess.run(
        [analyse, "security", "--offline=true", "--threshold=29", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_example_of_settings_can_be_read_and_names_what_there_is() -> None:
    known = read((ALERTS.parent / "environment.example").read_text())
    guide = (ALERTS.parent.parent / "docs" / "self-hosting.md").read_text()
    assert {"APP_URL", "SECRET_KEY", "DISCORD_BOT_TOKEN"} <= known.keys()
    assert [name for name in known if f"`{name}`" not in guide] == []
