"""What reviews come to in one figure: the plain mean of all that are visible, "New" below three. Pure."""

from dataclasses import dataclass

FEW = 3


@dataclass(frozen=True)
class Standing:
    """How many reviews somebody or something has, and their mean to one decimal; None without any."""

    count: int = 0
    mean: float | None = None

    @classmethod
    def of(cls, count: int, stars: int) -> "Standing":
        """The standing of so many reviews with so many stars in all."""
        # In whole numbers: a half goes up, as everybody was taught, whatever a float makes of it.
        return cls(count, (20 * stars + count) // (2 * count) / 10) if count else cls()

    @property
    def is_new(self) -> bool:
        """True while there are too few reviews for a mean to say anything."""
        return self.count < FEW

    @property
    def label(self) -> str:
        """The same for whoever reads it: “4.8 of 5 from 12 reviews”, “New, 2 reviews so far”."""
        if self.is_new or self.mean is None:
            so_far = {0: "no reviews yet", 1: "one review so far"}.get(self.count, f"{self.count} reviews so far")
            return f"New, {so_far}"
        return f"{self.mean:.1f} of 5 from {self.count:,} reviews"
