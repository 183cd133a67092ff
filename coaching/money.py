"""Amounts of money: whole numbers of a currency's smallest unit, rounded in one way, and in words. Pure.

Rounding is stated once: each line on its own, half up to the currency's smallest payable step.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# Eight digits: the most that one charge may be in nearly every currency (https://docs.stripe.com/currencies).
HIGHEST_CHARGE = 99_999_999


@dataclass(frozen=True)
class Currency:
    """A currency by its ISO 4217 code; what is counted in units are its smallest ones.

    `decimals` as ISO 4217 has them; `step` is what can be paid at the least, which is more where the last digit has to
    be 0; `most` is the highest price.
    """

    code: str
    decimals: int = 2
    step: int = 1
    sign: str = ""
    most: int = 1_000_000

    @property
    def scale(self) -> int:
        """So many units make one."""
        return int(10**self.decimals)

    def units(self, typed: Decimal) -> int:
        """The amount in units, rounded half up to what can be paid."""
        return self.rounded(Fraction(typed) * self.scale)

    def rounded(self, units: Fraction | int) -> int:
        """The nearest amount that can be paid; of two that are as near the higher one."""
        steps = Decimal(Fraction(units).numerator) / Decimal(Fraction(units).denominator) / self.step
        return int(steps.quantize(Decimal(1), ROUND_HALF_UP)) * self.step

    def number(self, units: int) -> str:
        """The amount as it is typed: "49.50", "4900"."""
        return f"{Decimal(units).scaleb(-self.decimals):f}"


# What stores may sell in. Those without decimals of their own, and those with three of which the last is 0:
# https://docs.stripe.com/currencies#zero-decimal
_KNOWN = (
    *(Currency("EUR", sign="€"), Currency("USD", sign="$"), Currency("GBP", sign="£")),
    *(Currency(code) for code in ("CHF", "CAD", "AUD", "NZD", "SGD", "AED", "RON")),
    *(Currency(code, most=10_000_000) for code in ("SEK", "NOK", "DKK", "PLN", "CZK", "MXN", "BRL", "ZAR")),
    *(Currency(code, most=HIGHEST_CHARGE) for code in ("HUF", "INR", "PHP", "THB", "TRY", "TWD")),
    *(Currency("JPY", 0, sign="¥", most=2_000_000), Currency("KRW", 0, sign="₩", most=20_000_000)),
    *(Currency("ISK", 0, most=2_000_000), Currency("UGX", 0, most=40_000_000), Currency("VND", 0, most=HIGHEST_CHARGE)),
    *(Currency("CLP", 0, most=10_000_000), Currency("PYG", 0, most=HIGHEST_CHARGE)),
    *(Currency(code, 3, step=10, most=4_000_000) for code in ("KWD", "BHD", "OMR", "JOD", "TND")),
)
# The least that one charge may be (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
_LEAST = {
    **dict.fromkeys(("EUR", "USD", "CHF", "CAD", "AUD", "NZD", "SGD", "BRL", "INR"), 50),
    **{"GBP": 30, "SEK": 300, "NOK": 300, "DKK": 250, "PLN": 200, "CZK": 1500, "HUF": 17_500, "JPY": 50},
    **{"MXN": 1000, "AED": 200, "RON": 200, "THB": 1000},
    # Not listed there: it has to be worth as much as the least in the currency of the account, which is half a dollar
    # or so. These are, with something to spare; nearer to it only the provider knows.
    **{"ZAR": 1500, "PHP": 4000, "TRY": 4000, "TWD": 2000, "KRW": 1000, "ISK": 100, "UGX": 3000, "VND": 20_000},
    **{"CLP": 600, "PYG": 5000, "KWD": 200, "BHD": 250, "OMR": 250, "JOD": 500, "TND": 2000},
}
CURRENCIES = {currency.code: currency for currency in _KNOWN}


def currency_of(code: str) -> Currency:
    """The currency of this code; one that is not known counts in hundredths."""
    return CURRENCIES.get(code) or Currency(code)


def amount(units: int, currency: str) -> str:
    """`4950, "EUR"` -> "€49.50"; `4900, "JPY"` -> "¥4,900"; `12500, "KWD"` -> "12.500 KWD"; below zero "−€5"."""
    if units < 0:
        return f"\N{MINUS SIGN}{amount(-units, currency)}"
    known = currency_of(currency)
    whole, rest = divmod(units, known.scale)
    number = f"{whole:,}.{rest:0{known.decimals}d}" if rest else f"{whole:,}"
    return f"{known.sign}{number}" if known.sign else f"{number} {known.code}"


def least_charge(currency: str) -> int:
    """The least that one payment by card may be; of a currency that is not known one whole unit of it."""
    return _LEAST.get(currency) or currency_of(currency).scale


def why_not_charged(units: int, currency: str) -> str:
    """Why no card can be charged with so much, in a sentence; empty where it can, and for nothing at all."""
    if 0 < units < (least := least_charge(currency)):
        return f"The least that a card can pay is {amount(least, currency)}: make it more, or free."
    if units > HIGHEST_CHARGE:
        return f"The most that a card can pay at once is {amount(HIGHEST_CHARGE, currency)}."
    return ""


def in_other_currency(units: int, before: str, after: str) -> int:
    """The same number in another currency: 49.50 stays 49.50 where that can be paid, else the nearest that can."""
    return currency_of(after).units(Decimal(units).scaleb(-currency_of(before).decimals))


def exact_amount(units: int, currency: str) -> str:
    """With all decimals, as in a column: `4900, "EUR"` -> "€49.00"; `-450, "EUR"` -> "−€4.50"; 12.500 KWD."""
    known = currency_of(currency)
    number, minus = f"{Decimal(abs(units)).scaleb(-known.decimals):,f}", "−" if units < 0 else ""
    return f"{minus}{known.sign}{number}" if known.sign else f"{minus}{number} {known.code}"
