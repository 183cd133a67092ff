"""What a run of the tests says at its end: how much was left out, and with `--cpu` where the processor time went."""

import resource
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

LEFT_OUT, SECONDS = "wide_left_out", "processor_seconds"


class Reckoning:
    """Counted where a test runs, summed up where the run is shown: with xdist these are different processes."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.left_out = 0
        self.files: defaultdict[str, float] = defaultdict(float)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        # On PostgreSQL they say nothing new, and no browser test is one.
        if "not wide" in self.config.option.markexpr and self.config.getoption("--database") == "sqlite":
            self.left_out += sum(item.get_closest_marker("wide") is not None for item in items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        before = processor_seconds()
        item.user_properties.append((SECONDS, before))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if call.when == "teardown":
            began = dict(item.user_properties)[SECONDS]
            report.user_properties = [(SECONDS, processor_seconds() - float(str(began)))]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            used = dict(report.user_properties).get(SECONDS, 0.0)
            self.files[report.nodeid.partition("::")[0]] += float(str(used))

    def pytest_sessionfinish(self) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[LEFT_OUT] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.left_out = getattr(node, "workeroutput", {}).get(LEFT_OUT, self.left_out)  # each collects all of them

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.left_out:
            terminalreporter.write_line(f"{self.left_out:,} wide cases are left out; make release runs them.")
        if self.config.getoption("--cpu"):
            terminalreporter.write_line(f"{sum(self.files.values()):7.1f} s of processor time, of which")
            for file, seconds in sorted(self.files.items(), key=lambda item: -item[1])[:25]:
                terminalreporter.write_line(f"{seconds:7.1f} s {file}")


def processor_seconds() -> float:
    """What this process and those it has waited for have used so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
