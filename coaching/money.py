"""Amounts of money in words. Pure."""

CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}


def amount(cents: int, currency: str) -> str:
    """`4950, "EUR"` -> "€49.50"."""
    number = f"{cents // 100:,}" if cents % 100 == 0 else f"{cents // 100:,}.{cents % 100:02d}"
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"
