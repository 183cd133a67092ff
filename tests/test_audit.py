"""The look-up of known holes: it stops a release, never a check, and believes no silence. pip-audit is a fake here."""

import json
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).parent.parent
HOLE = {"id": "GHSA-1", "fix_versions": ["3.1.4", "4.0"], "aliases": [], "description": "…"}
SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
HOLED = SOUND | {"vulns": [HOLE]}
UNKNOWN = {"name": "authlib", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("output", "code", "line"),
    [
        ([SOUND], 0, "Packages without a known hole: 1, which is all."),
        ([SOUND, HOLED], 1, "flask 3.1.3: GHSA-1, mended in 3.1.4, 4.0"),
        ([HOLED, UNKNOWN], 1, "Packages that the index says nothing about: 1 of 2."),
        ([SOUND, UNKNOWN], 2, "Packages that the index says nothing about: 1 of 2."),
        ([UNKNOWN], 2, "Known holes could not be looked up: the index says nothing about any package."),
        (
            "Traceback\nConnectionError: no such host",
            2,
            "Known holes could not be looked up: ConnectionError: no such host.",
        ),
        ("", 2, "Known holes could not be looked up: pip-audit said nothing."),
        (None, 2, "Known holes could not be looked up: no answer within 0 s."),
    ],
)
def test_a_release_stops_at_holes_and_at_silence_and_a_check_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, output: list[object] | str | None, code: int, line: str
) -> None:
    fake = tmp_path / "pip_audit.sh"
    if output is None:
        fake.write_text("exec sleep 5")
    elif isinstance(output, str):
        (tmp_path / "words").write_text(output)
        fake.write_text(f"cat {tmp_path}/words >&2; exit 1")
    else:
        (tmp_path / "words").write_text(json.dumps({"dependencies": output, "fixes": []}))
        fake.write_text(f"cat {tmp_path}/words; exit {int(HOLED in output)}")
    main = run_path(str(ROOT / "scripts/audit.py"))["main"]
    seconds = 0.2 if output is None else 10
    assert main([], ("sh", str(fake)), seconds) == code
    said = capsys.readouterr().out
    assert line in said.splitlines()
    assert main(["--warn"], ("sh", str(fake)), seconds) == 0
    assert capsys.readouterr().out == said
    if code == 2:
        assert len(said.splitlines()) == 1


def test_make_asks_before_a_release_and_only_warns_in_a_check() -> None:
    def steps(target: str) -> str:
        return subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
        ).stdout

    assert "scripts/audit.py --warn" in steps("check")
    assert "scripts/audit.py\n" in steps("audit")
    assert steps("release").index("scripts/audit.py\n") < steps("release").index("mypy")


def test_the_program_is_installed_by_the_lock() -> None:
    assert "\npip-audit==" in (ROOT / "requirements-dev.lock").read_text()
    done = subprocess.run([sys.executable, "-m", "pip_audit", "--version"], capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"pip-audit")
