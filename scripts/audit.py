"""Known holes in what Greenroom is installed with, by pip-audit: stops a release, and warns in `make check`.

python scripts/audit.py           1 with known holes, 2 when not everything could be looked up
python scripts/audit.py --warn    says so, and ends well; after 20 seconds it waits no longer
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
# The lock has every package with its version: nothing has to be resolved or installed.
LOOK_UP = ("--requirement", str(HOME / "requirements.lock"), "--require-hashes", "--disable-pip", "--format", "json")
PIP_AUDIT = (sys.executable, "-m", "pip_audit", "--progress-spinner", "off", *LOOK_UP)
SECONDS, SECONDS_TO_WARN = 300.0, 20.0


def main(arguments: Sequence[str], program: Sequence[str] = PIP_AUDIT, seconds: float | None = None) -> int:
    only_warns = "--warn" in arguments
    try:
        holes, unknown, count = look_up(program, seconds or (SECONDS_TO_WARN if only_warns else SECONDS))
    except (OSError, ValueError, subprocess.TimeoutExpired) as problem:
        print(f"Known holes could not be looked up: {reason_of(problem)}.")
        return 0 if only_warns else 2
    for hole in holes:
        print(hole)
    # pip-audit itself ends well, and says that nothing is known, when the index answers nothing about any package.
    if unknown == count:
        print("Known holes could not be looked up: the index says nothing about any package.")
    elif unknown:
        print(f"Packages that the index says nothing about: {unknown} of {count}.")
    elif not holes:
        print(f"Packages without a known hole: {count}, which is all.")
    return 0 if only_warns else 1 if holes else 2 if unknown else 0


def look_up(program: Sequence[str], seconds: float) -> tuple[list[str], int, int]:
    """A line for each known hole, how many packages nothing is known about, and how many there are."""
    done = subprocess.run(program, capture_output=True, text=True, timeout=seconds, check=False)
    if not done.stdout.strip():
        raise ValueError(done.stderr.strip().splitlines()[-1:] or ["pip-audit said nothing"])
    packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    unknown = sum("skip_reason" in package for package in packages)
    return [line for package in packages for line in holes_of(package)], unknown, len(packages)


def holes_of(package: dict[str, Any]) -> list[str]:
    """A line for each known hole of the package, with the version that has none."""
    name = f"{package['name']} {package.get('version', '')}"
    return [
        f"{name}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none yet'}"
        for hole in package.get("vulns", ())
    ]


def reason_of(problem: Exception) -> str:
    """What stood in the way, short enough for one line."""
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"no answer within {problem.timeout:.0f} s"
    if isinstance(problem, json.JSONDecodeError | OSError):
        return "pip-audit does not run here"
    reason = problem.args[0] if problem.args else ""
    return str(reason[0] if isinstance(reason, list) else reason)[:160].rstrip(".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
