"""Figures by period, product, name and label, and what they come to. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product as every


@dataclass(frozen=True, slots=True)
class Cell:
    """Which figure of which product in the period that begins on `first_on`."""

    product_id: int | None
    first_on: date
    name: str
    label: str = ""


class Sheet:
    """What a page of figures shows, and asks for by name; what is not there is 0."""

    def __init__(self, cells: Mapping[Cell, int]) -> None:
        self.cells = cells
        # A page asks for each figure by itself, in many ways: all sums are worked out once.
        self._sums: dict[tuple[str, str | None, date | None, int | None], int] = defaultdict(int)
        for cell, amount in cells.items():
            for label, on, product in every({cell.label, None}, (cell.first_on, None), {cell.product_id, None}):
                self._sums[cell.name, label, on, product] += amount

    def of_product(self, product_id: int) -> "Sheet":
        """The figures of this product alone."""
        return Sheet({cell: amount for cell, amount in self.cells.items() if cell.product_id == product_id})

    def total(self, name: str, *, label: str | None = None, on: date | None = None, product: int | None = None) -> int:
        """The figure's sum, of one label, period or product where it is named."""
        return self._sums.get((name, label, on, product), 0)

    def is_known(self, name: str, *, on: date | None = None, product: int | None = None) -> bool:
        """True where something was counted, if only 0."""
        return (name, None, on, product) in self._sums

    def most(self, name: str) -> int:
        """The highest of the figure's periods."""
        return max((self.total(name, on=cell.first_on) for cell in self.cells if cell.name == name), default=0)

    def labels(self, *names: str) -> list[str]:
        """All labels of these figures, in order."""
        return sorted({cell.label for cell in self.cells if cell.name in names})
