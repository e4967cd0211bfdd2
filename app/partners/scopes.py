"""What a partner system may be allowed (pure). A token carries a subset of its client's scopes."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    DELEGATES_READ = "delegates:read"
    EVENTS_READ = "events:read"
    OPINIONS_READ = "opinions:read"
    OPINIONS_WRITE = "opinions:write"
    STATIONS_READ = "stations:read"
    SUGGESTIONS_READ = "suggestions:read"
    UPLOADS_WRITE = "uploads:write"
    WEBHOOKS_MANAGE = "webhooks:manage"


def known(names: Iterable[str]) -> list[Scope]:
    """The scopes of these names, sorted, each once. Raises ValueError for an unknown one."""
    return sorted({Scope(name) for name in names})


def granted(asked: str | None, held: Iterable[str]) -> list[str]:
    """A token's scopes: those asked for, blank-separated (RFC 6749 §3.3), or all the client holds.

    Raises ValueError where more is asked than held.
    """
    allowed = set(held)
    wanted = set(asked.split()) if asked and asked.strip() else allowed
    if not wanted <= allowed:
        raise ValueError("more than the client holds")
    return sorted(wanted)
