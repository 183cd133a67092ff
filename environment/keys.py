"""Keys that are worked out from SECRET_KEY."""


def derived_key(secret_key: str, use: str) -> bytes:
    """A key for one use only: knowing it tells nothing of the others."""
    # Imported here: the parent of all processes reads settings too, and should stay small.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    label = f"greenroom {use}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret_key.encode())
