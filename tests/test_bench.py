"""A benchmark runs from a fresh clone as the README says, with nothing set before it."""

from pathlib import Path

import pytest

from bench.budget import measured_by
from tests import databases


@pytest.mark.one_database
def test_processes_of_a_benchmark_find_the_code_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    databases.lay_migrated(tmp_path / "bench.db")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    assert len(measured_by(1, f"sqlite:///{tmp_path / 'bench.db'}", 2)) == 2
