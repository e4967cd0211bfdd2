"""argon2id in a thread, with the same work for a name nobody has."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.errors import Invalid

SHORTEST, LONGEST = 10, 128
_hasher = PasswordHasher()
# A county's worst: what everybody tries first (ASVS 6.2.4 asks for a list; the tenant may lengthen it).
BLOCKED = {"password123", "1234567890", "qwertyuiop", "admin123456", "a123456789", "woaini1314"}


class PasswordUnfit(Invalid):
    code = "password-unfit"


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this name")


def check_fit(password: str) -> None:
    """10-128 characters, three of four classes (GB/T 22239), not one everybody tries."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnfit(f"密码应为 {SHORTEST}-{LONGEST} 个字符", field="password")
    classes = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(c) for c in password) for kind in classes) < 3:
        raise PasswordUnfit("密码应包含大写、小写、数字、符号中的三种", field="password")
    if password.lower() in BLOCKED:
        raise PasswordUnfit("这个密码太常见，请换一个", field="password")


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(password: str, hashed: str | None) -> bool:
    """`hashed` None (no such name, or no password set) costs the same and is never a match."""
    if len(password) > LONGEST:
        return False
    try:
        await asyncio.to_thread(_hasher.verify, hashed or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None
