"""Y: how long this machine takes for a known sum. Figures in Y carry over to other machines."""

from collections.abc import Callable
from statistics import median
from time import perf_counter


def measure_y() -> float:
    """The median time of `sum(range(10**7))`, in seconds."""
    return median_time(lambda: sum(range(10**7)), rounds=5)


def median_time(act: Callable[[], object], rounds: int) -> float:
    """The median time of `act`, in seconds."""
    times = []
    for _ in range(rounds):
        begin = perf_counter()
        act()
        times.append(perf_counter() - begin)
    return median(times)


if __name__ == "__main__":
    print(f"  Y = {measure_y():.3f} s")
