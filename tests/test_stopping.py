"""A web process that stops is gone at once, but for what was promised: a mail to write, and the hint to send it."""

import os
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

CONFIG = Path(__file__).parent.parent / "gunicorn.conf.py"


class Gone(BaseException):
    """Instead of the process."""


def test_a_process_ends_after_its_last_works_whichever_application_it_serves(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, ended, done = runpy.run_path(str(CONFIG)), [], []

    def end(status: int) -> None:
        ended.append(status)
        raise Gone

    monkeypatch.setattr(os, "_exit", end)
    assert len(app.extensions["last_works"]) == 2
    app.extensions["last_works"] = (lambda _: done.append("mail written"), lambda _: done.append("hint handed over"))
    for served in (app, Flask("the sandbox")):
        with pytest.raises(Gone):
            settings["worker_exit"](None, SimpleNamespace(booted=True, wsgi=served))
    settings["worker_exit"](None, SimpleNamespace(booted=False, wsgi=None))

    assert ended == [0, 0]
    assert done == ["mail written", "hint handed over"]
