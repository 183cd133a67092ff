"""The fault matrix: calls of one kind meet trouble of one kind for two minutes, and the room ends right all the same.

Every call of all three modes, on a worker that lives on and on one that dies at the first such call. Each cell: how
long without trouble until the room was right and known to be, and the calls of its whole life with those that met the
trouble in brackets. What must not be is asserted: two of a kind, somebody inside who should not be, too many calls.

`python -m bench.fault_matrix session_role` runs one mode only.
"""

import sys
import tempfile
from pathlib import Path

import logs
from coaching import marks, vault
from coaching.db import database, open_database
from tests import databases
from tests.rooms.in_process_sandbox import InProcessSandbox
from tests.rooms.matrix import CALLS, DEATHS, TROUBLES, Call, Lifecycle, wrong_with

WIDTH = 15


def main() -> None:
    # Failing is what it is for.
    logs.set_up("command", is_readable=True, level="error")
    with tempfile.TemporaryDirectory() as folder:
        fresh, sandbox = databases.SqliteDatabases(Path(folder)), InProcessSandbox(Path(folder))
        asked = [(mode, is_killed) for mode in sys.argv[1:] or CALLS for is_killed in (False, True)]
        wrongs = [wrong for mode, is_killed in asked for wrong in table(fresh, sandbox, mode, is_killed)]
        sandbox.end()
    print("\n".join(wrongs) or "  Every room ended right.")
    sys.exit(bool(wrongs))


def table(fresh: databases.SqliteDatabases, sandbox: InProcessSandbox, mode: str, is_killed: bool) -> list[str]:
    """Print one table; back comes what went wrong."""
    print(f"\n  {mode}, the worker {'dies at the first such call' if is_killed else 'lives on'}")
    troubles = [*(DEATHS if is_killed else ()), *TROUBLES]
    print(f"  {'':24}" + "".join(f"{short(name):>{WIDTH}}" for name in troubles))
    wrongs = []
    for call in CALLS[mode]:
        print(f"  {call.name:24}", end="")
        for trouble in troubles:
            if trouble in call.not_with:
                print(f"{'-':>{WIDTH}}", end="")
                continue
            text, wrong = cell(fresh, sandbox, mode, call, trouble, is_killed)
            print(f"{text:>{WIDTH}}", end="", flush=True)
            wrongs += [f"  {mode}, {call.name}, {trouble}: {fault}" for fault in wrong]
        print()
    return wrongs


def cell(
    fresh: databases.SqliteDatabases, sandbox: InProcessSandbox, mode: str, call: Call, trouble: str, is_killed: bool
) -> tuple[str, list[str]]:
    """One life on a database of its own: its cell, and what was wrong with it."""
    vault.keys.use([bytes(32)])
    marks.keys.use([bytes(32)])
    database.initialize(open_database(fresh.fresh()))
    try:
        with database.connection_context():
            outcome = Lifecycle(sandbox, mode).meet(call, trouble, is_killed=is_killed)
    except AssertionError as wrong:
        return "wrong", [str(wrong)]
    seconds = round(outcome.right_after.total_seconds())
    text = f"{seconds // 60}:{seconds % 60:02} {outcome.calls} ({outcome.struck})"
    return text, wrong_with(call, trouble, outcome, is_killed=is_killed)


def short(trouble: str) -> str:
    """The trouble's name as narrow as a column."""
    return trouble.replace("connection", "").replace("effect", "").replace("dropped", "drop").strip(" ,")


if __name__ == "__main__":
    main()
