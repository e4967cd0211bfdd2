"""Keys inside are UUIDv7 (ordered by time); codes shown outside are random."""

import secrets
from typing import NewType
from uuid import UUID

import uuid_utils

TenantSlug = NewType("TenantSlug", str)

# No 0 O 1 I L U: people read these aloud, and no word can be formed by accident.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """A UUIDv7 made in the application, so that PostgreSQL before 18 will do."""
    return UUID(int=uuid_utils.uuid7().int)


def random_code(length: int) -> str:
    """`length` characters of 30 letters: 4.9 bits each, from the system's secret generator."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
