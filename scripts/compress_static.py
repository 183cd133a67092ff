"""Writes a `.gz` beside every style sheet, script and drawing in static/ that lacks a fresh one.

What is sent to browsers compressed is without comments and indentation, which are a tenth of it.
"""

import gzip
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
# What only a reader of the source needs. In scripts each comment has a line to itself, and texts end where they begin.
NOTES = {".css": re.compile(r"/\*.*?\*/", re.DOTALL), ".js": re.compile(r"^[ \t]*//.*$", re.MULTILINE)}
INDENTATION = re.compile(r"\n\s+")


def main() -> None:
    for source in sorted(STATIC.rglob("*")):
        if source.suffix in (".css", ".js", ".svg") and _is_stale(source):
            _write_sidecar(source)


def _is_stale(source: Path) -> bool:
    sidecar = _sidecar(source)
    newest = max(path.stat().st_mtime_ns for path in (source, Path(__file__)))
    return not sidecar.exists() or sidecar.stat().st_mtime_ns < newest


def _write_sidecar(source: Path) -> None:
    # Under another name first: a server may be sending the old one.
    unfinished = source.with_name(f"{source.name}.gz.new")
    unfinished.write_bytes(gzip.compress(_slimmed(source).encode(), 9, mtime=0))
    unfinished.chmod(0o644)
    unfinished.replace(_sidecar(source))


def _slimmed(source: Path) -> str:
    text = source.read_text(encoding="utf-8")
    notes = NOTES.get(source.suffix)
    # A vendor's file stays as it came.
    return INDENTATION.sub("\n", notes.sub("", text)) if notes and source.parent == STATIC else text


def _sidecar(source: Path) -> Path:
    return source.with_name(f"{source.name}.gz")


if __name__ == "__main__":
    main()
