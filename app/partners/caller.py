"""The partner system behind a request, as services and queries are given it (pure)."""

from dataclasses import dataclass
from uuid import UUID

from app.partners.errors import ScopeMissing
from app.partners.scopes import Scope


@dataclass(frozen=True)
class Partner:
    """`scopes`: those of the token that the client still holds. `quota`: requests a minute."""

    id: UUID
    client_id: str
    name: str
    scopes: frozenset[str]
    quota: int

    @property
    def label(self) -> str:
        """The actor of audit rows and the client of idempotency keys."""
        return f"partner:{self.id}"

    def need(self, scope: Scope) -> None:
        if scope not in self.scopes:
            raise ScopeMissing(scope)
