"""Field encryption, blind indexes and derived keys.

A key of the installation and the tenant's salt give, by HKDF-SHA256, one key for each purpose, so a
row copied to another county does not open. Sealed form: algorithm, key id, nonce, ciphertext and tag.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel.ext.asyncio.session import AsyncSession

AES_GCM = 1
NONCE = 12


class KeyringUnreadable(ValueError):
    """A key setting is not `id:base64,id:base64` with keys of at least 32 bytes."""


class Unopenable(RuntimeError):
    """A sealed value does not open: wrong key, wrong place or a changed byte."""


def derive(key: bytes, salt: bytes, purpose: str, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, salt, purpose.encode()).derive(key)


def parse_keys(setting: str) -> dict[int, bytes]:
    """`1:base64,2:base64` → {1: key, 2: key}; the first one seals, all open."""
    keys: dict[int, bytes] = {}
    try:
        for part in setting.split(","):
            id, _, encoded = part.strip().partition(":")
            keys[int(id)] = b64decode(encoded, validate=True)
    except ValueError as error:
        raise KeyringUnreadable("expected id:base64,id:base64") from error
    if any(len(key) < 32 or not 0 < id < 256 for id, key in keys.items()):
        raise KeyringUnreadable("ids are 1-255 and keys at least 32 bytes")
    return keys


def new_key_setting() -> str:
    """A fresh setting with one key, for first starts and tests."""
    return "1:" + b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Vault:
    """The keys of one tenant. `where` names table, column and row: a value opens only in its place."""

    slug: str
    sealing: int
    field_keys: dict[int, bytes]
    index_key: bytes
    token_keys: dict[int, bytes]

    def seal(self, text: str, *, where: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        aad = f"{self.slug}|{where}".encode()
        body = AESGCM(self.field_keys[self.sealing]).encrypt(nonce, text.encode(), aad)
        return bytes([AES_GCM, self.sealing]) + nonce + body

    def open(self, sealed: bytes, *, where: str) -> str:
        algorithm, id, nonce, body = sealed[0], sealed[1], sealed[2:14], sealed[14:]
        if algorithm != AES_GCM or id not in self.field_keys:
            raise Unopenable(f"{where}: no key {id} for algorithm {algorithm}")
        aad = f"{self.slug}|{where}".encode()
        try:
            return AESGCM(self.field_keys[id]).decrypt(nonce, body, aad).decode()
        except InvalidTag as error:
            raise Unopenable(where) from error

    def blind_index(self, value: str, *, purpose: str) -> bytes:
        """A keyed digest for exact look-up of a sealed value."""
        return hmac.new(self.index_key, f"{purpose}|{value}".encode(), hashlib.sha256).digest()


class Keyring:
    """The installation's keys. `token_keys` sign, `field_keys` seal, `index_key` looks up."""

    def __init__(self, *, token_keys: str, field_keys: str, index_key: str) -> None:
        self._tokens = parse_keys(token_keys)
        self._fields = parse_keys(field_keys)
        [self._index] = parse_keys(index_key).values()
        self._vaults: dict[tuple[str, bytes], Vault] = {}

    def vault(self, slug: str, salt: bytes) -> Vault:
        if (slug, salt) not in self._vaults:
            self._vaults[slug, salt] = Vault(
                slug=slug,
                sealing=next(iter(self._fields)),
                field_keys={id: derive(k, salt, "field") for id, k in self._fields.items()},
                index_key=derive(self._index, salt, "index"),
                token_keys={id: derive(k, salt, "token", 64) for id, k in self._tokens.items()},
            )
        return self._vaults[slug, salt]

    def platform_vault(self) -> Vault:
        """For what belongs to no tenant: rows of the registry's schema. Tenants' salts are random."""
        return self.vault("platform", b"platform")


def vault_of(tx: AsyncSession) -> Vault:
    """The vault of the tenant this transaction is bound to."""
    vault: Vault = tx.info["vault"]
    return vault
