"""Who acts: an account with its roles, as every service and visibility predicate is given it (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from app.accounts.errors import PermissionMissing
from app.accounts.permissions import MAY, Permission, Role, ScopeKind


@dataclass(frozen=True)
class Post:
    """One role in one scope; for delegates also the seat."""

    role: Role
    scope_kind: ScopeKind
    scope_id: UUID | None = None
    scope_name: str = ""
    delegate_id: UUID | None = None
    level: str | None = None


@dataclass(frozen=True)
class Actor:
    """`session_id` None for acts of the system and of imports."""

    id: UUID
    name: str
    posts: tuple[Post, ...] = field(default=())
    session_id: UUID | None = None

    @property
    def label(self) -> str:
        return f"account:{self.id}"

    @property
    def roles(self) -> list[str]:
        return sorted({post.role for post in self.posts})

    def may(self, permission: Permission) -> bool:
        return any(permission in MAY[post.role] for post in self.posts)

    def need(self, permission: Permission) -> None:
        if not self.may(permission):
            raise PermissionMissing(permission)

    def holding(self, *roles: Role) -> list[Post]:
        return [post for post in self.posts if post.role in roles]

    def scopes(self, *roles: Role) -> set[UUID]:
        """The ids of the scopes in which the actor has one of the roles."""
        return {post.scope_id for post in self.holding(*roles) if post.scope_id}

    def in_county(self, *roles: Role) -> bool:
        """Does one of the roles span the whole county?"""
        return any(post.scope_kind is ScopeKind.COUNTY for post in self.holding(*roles))

    @property
    def seats(self) -> list[Post]:
        return [post for post in self.posts if post.role is Role.DELEGATE and post.delegate_id]

    @property
    def delegate_ids(self) -> set[UUID]:
        return {post.delegate_id for post in self.seats if post.delegate_id}

    @property
    def unit_ids(self) -> set[UUID]:
        return self.scopes(Role.UNIT_OFFICER, Role.UNIT_HEAD)


def actor_of(id: UUID, name: str, posts: Iterable[Post], session_id: UUID | None = None) -> Actor:
    return Actor(id=id, name=name, posts=tuple(posts), session_id=session_id)
