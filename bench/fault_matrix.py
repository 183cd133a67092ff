"""The fault matrix: calls of one kind meet trouble of one kind for two minutes, and the room ends right all the same.

Each cell: how long without trouble until the room was right and known to be, and the calls of its whole life with those
that met the trouble. 20 calls when nothing goes wrong. The limits are asserted by tests/rooms/test_fault_matrix.py.
"""

import tempfile
from pathlib import Path

import logs
from coaching import vault
from coaching.db import database, open_database
from tests import databases
from tests.rooms.matrix import CALLS, TROUBLES, Call, Clock, Life, Outcome, ServedSandbox


def main() -> None:
    # Failing is what it is for.
    logs.set_up("command", is_readable=True, level="error")
    with tempfile.TemporaryDirectory() as folder:
        fresh = databases.SqliteDatabases(Path(folder))
        sandbox = ServedSandbox(Path(folder), Clock())
        print("  " + " " * 23 + "".join(f"{name:>19}" for name in CALLS))
        for trouble in TROUBLES:
            cells = (cell(met(fresh, sandbox, call, trouble)) for call in CALLS.values())
            print(f"  {trouble:23}" + "".join(f"{text:>19}" for text in cells), flush=True)
        sandbox.end()


def met(fresh: databases.SqliteDatabases, sandbox: ServedSandbox, call: Call, trouble: str) -> Outcome:
    """One life on a database of its own."""
    vault.keys.use([bytes(32)])
    database.initialize(open_database(fresh.fresh()))
    with database.connection_context():
        return Life(sandbox).meet(call, trouble)


def cell(outcome: Outcome) -> str:
    assert outcome.left_over == 0
    seconds = round(outcome.right_after.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02} {outcome.calls:4} ({outcome.struck:2})"


if __name__ == "__main__":
    main()
