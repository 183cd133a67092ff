"""Which Greenroom this is: the one place is pyproject.toml."""

import tomllib
from pathlib import Path

_project = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION: str = _project["version"]
