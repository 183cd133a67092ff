"""The cost of the call budget: one permit taken and one answer learned, on SQLite.

A call may go every 21 ms, whoever makes it, so that this is the time in which all processes together have to do it.
Goal: under 5 ms = 0.03 Y with three processes at once.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from bench.yardstick import measure_y
from coaching import schema
from coaching.call_budget.mutations import SharedBudget
from coaching.call_permits import CallAnswer
from coaching.db import database, open_database

HOME = Path(__file__).parent.parent
ROUNDS = 400
# The clock runs so much faster that the queue is never what is waited for.
HASTE = 100
PATH = "/channels/1100000000000000001"
FAR_FROM_EMPTY = CallAnswer(200, most=10, remaining=9, reset_after=timedelta(seconds=15))
NEARLY_EMPTY = CallAnswer(200, most=10_000, remaining=10, reset_after=timedelta(seconds=900))


def main() -> None:
    y = measure_y()
    for name, answer, processes in (
        ("alone", FAR_FROM_EMPTY, 1),
        ("alone, a bucket near its limit", NEARLY_EMPTY, 1),
        ("three processes", FAR_FROM_EMPTY, 3),
    ):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'bench.db'}"
            database.initialize(open_database(url))
            with database.connection_context():
                schema.migrate()
            times = measured(url, answer) if processes == 1 else measured_by(processes, url)
        slowest = quantiles(times, n=100)[-1]
        print(f"  {name}: {formatted(median(times), y)}, of 100 the slowest {formatted(slowest, y)}")


def formatted(seconds: float, y: float) -> str:
    return f"{seconds * 1000:.2f} ms = {seconds / y:.4f} Y"


def measured(url: str, answer: CallAnswer, rounds: int = ROUNDS) -> list[float]:
    """The time of each round."""
    began = time.time()
    budget = SharedBudget(lambda: datetime.fromtimestamp(began + (time.time() - began) * HASTE, UTC))
    database.initialize(open_database(url))
    times = []
    with database.connection_context():
        for _ in range(rounds):
            begin = time.perf_counter()
            permit = budget.take("PATCH", PATH)
            budget.learn("PATCH", PATH, permit, answer)
            times.append(time.perf_counter() - begin)
    return times


def measured_by(processes: int, url: str, rounds: int = ROUNDS) -> list[float]:
    """The time of each round of each of the processes, all at once."""
    command = [sys.executable, "-m", "bench.budget", url, str(rounds)]
    started = [subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    answers = [process.communicate()[0] for process in started]
    assert not any(process.returncode for process in started)
    return [float(line) for answer in answers for line in answer.split()]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(*measured(sys.argv[1], FAR_FROM_EMPTY, int(sys.argv[2])), sep="\n")
    else:
        main()
