"""Puts htmx into static/vendor: taken out of a hash-pinned wheel, so that nobody needs Node."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
LOCK = HOME / "requirements-htmx.lock"
DOWNLOADS = HOME / "downloads"
TARGET = HOME / "static" / "vendor" / "htmx.min.js"
MEMBER = "django_htmx/static/django_htmx/htmx-2.min.js"
SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"


def main() -> int:
    if TARGET.exists() and _sha256(TARGET.read_bytes()) == SHA256:
        return 0
    try:
        script = _script_in(_wheel())
    except subprocess.CalledProcessError:
        print("htmx could not be downloaded: see pip's message above.", file=sys.stderr)
        return 1
    if _sha256(script) != SHA256:
        print(f"The htmx in the wheel is not the one we know; {TARGET} was not written.", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(script)
    TARGET.chmod(0o644)
    return 0


def _wheel() -> Path:
    """The wheel that carries htmx; only unpacked, never installed."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pinned = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)]
    subprocess.run([*pip, *pinned, "--dest", str(DOWNLOADS)], check=True)
    return next(DOWNLOADS.glob("django_htmx-*.whl"))


def _script_in(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(MEMBER)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
