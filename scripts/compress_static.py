"""Writes a `.gz` beside every style sheet, script and drawing in static/ that lacks a fresh one."""

import gzip
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"


def main() -> None:
    for source in sorted(STATIC.rglob("*")):
        if source.suffix in (".css", ".js", ".svg") and _is_stale(source):
            _write_sidecar(source)


def _is_stale(source: Path) -> bool:
    sidecar = _sidecar(source)
    return not sidecar.exists() or sidecar.stat().st_mtime_ns < source.stat().st_mtime_ns


def _write_sidecar(source: Path) -> None:
    # Under another name first: a server may be sending the old one.
    unfinished = source.with_name(f"{source.name}.gz.new")
    unfinished.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))
    unfinished.chmod(0o644)
    unfinished.replace(_sidecar(source))


def _sidecar(source: Path) -> Path:
    return source.with_name(f"{source.name}.gz")


if __name__ == "__main__":
    main()
