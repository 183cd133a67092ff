"""Addresses in settings: read, checked, and told apart by whether they are on this machine."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from environment.errors import SettingsError


def split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise SettingsError(f"{name} is not an address that can be read.") from None
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        raise SettingsError(f"{name} must not contain spaces or control characters.")
    return parts


def host_and_port(name: str, parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host.isascii():
        import idna  # rarely needed, and the parent of all processes should stay small

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            host = ""
    if ":" in host:
        host = f"[{host}]"
    elif not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?", host) or ".." in host:
        raise SettingsError(f"{name} names a host that cannot be one: {parts.hostname!r}.")
    is_usual = parts.port in (None, {"http": 80, "https": 443}[parts.scheme])
    return host if is_usual else f"{host}:{parts.port}"


def is_local(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if parts.scheme.startswith("postgres"):
        # A socket directory may stand in the query: postgresql:///name?host=/run/postgresql
        hosts = re.findall(r"(?:^|&)host(?:addr)?=([^&]*)", parts.query) or [host]
        return all(item == "" or item[:1] == "/" or item[:3].lower() == "%2f" or _is_loopback(item) for item in hosts)
    return _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
