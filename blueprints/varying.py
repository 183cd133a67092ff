"""What an answer depends on, for whoever keeps it."""

from flask import Response


def vary_by(answer: Response, header: str) -> None:
    """The answer says that it is another one for another value of this header of a request."""
    # Werkzeug's own set reads and writes the whole line anew each time, and a page says four.
    known = answer.headers.get("Vary")
    if not known:
        answer.headers["Vary"] = header
    elif header not in known:
        answer.headers["Vary"] = f"{known}, {header}"
