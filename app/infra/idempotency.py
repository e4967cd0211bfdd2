"""Every write may be retried: the first answer is kept and given again.

The table holds SHA-256(tenant‖client‖route‖key), the body's hash and the answer sealed under
HKDF(raw key): who has the table has neither receipts nor tokens. Kept 72 h of machine time, only for
answers 200-399, in the transaction of the effect itself.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Response
from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.columns import TenantTable
from app.infra.crypto import derive
from app.infra.db import sql
from app.infra.jobs import job
from app.kernel.clock import machine_now
from app.kernel.errors import Conflict, Invalid

KEPT = timedelta(hours=72)
HEADERS = ("location", "etag")
REPLAYED = "Idempotency-Replayed"
UUID_OR_RANDOM = re.compile(r"[0-9a-fA-F]{32,}|[A-Za-z0-9_\-+/=]{22,}")


class IdempotencyKey(TenantTable, table=True):
    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_written_at", "written_at"),)

    key_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    body_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    written_at: datetime
    status: int | None = None
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class KeyMissing(Invalid):
    code = "idempotency-key-missing"
    status = 400

    def __init__(self) -> None:
        super().__init__("请带上 Idempotency-Key 请求头（16-255 个字符），这样重复提交不会产生两份")


class KeyUnfit(Invalid):
    code = "idempotency-key-unfit"
    status = 400

    def __init__(self) -> None:
        super().__init__("Idempotency-Key 应为 16-255 个可见字符；居民接口须为 UUID 或不少于 128 位的随机数")


class KeyReused(Invalid):
    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("这个 Idempotency-Key 已用于另一份内容，请换一个新的再提交")


class InProgress(Conflict):
    code = "request-in-progress"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("同一份内容正在提交，请稍候再查看结果")


@dataclass(frozen=True)
class Claim:
    """One key in one scope. `raw` never reaches the database."""

    raw: str
    key_hash: bytes
    body_hash: bytes


class Replay(Exception):
    """Not an error: the first answer, given again."""

    def __init__(self, response: Response) -> None:
        self.response = response


def read_key(header: str | None, *, public: bool = False) -> str:
    """The key, bare or as a quoted structured-field string."""
    if header is None:
        raise KeyMissing
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not 16 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise KeyUnfit
    if public and not (_is_uuid(key) or UUID_OR_RANDOM.fullmatch(key)):
        raise KeyUnfit
    return key


def _is_uuid(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True


def claim_of(key: str, *, tenant: str, client: str, route: str, body: bytes) -> Claim:
    scope = "\x1f".join((tenant, client, route, key))
    return Claim(
        raw=key,
        key_hash=hashlib.sha256(scope.encode()).digest(),
        body_hash=hashlib.sha256(body).digest(),
    )


CLAIM = text("""
    INSERT INTO idempotency_keys (key_hash, body_hash, written_at)
    VALUES (:key_hash, :body_hash, :written_at) ON CONFLICT (key_hash) DO NOTHING RETURNING 1""")
KNOWN = text("SELECT body_hash, status, sealed FROM idempotency_keys WHERE key_hash = :key_hash")
KEEP = text("UPDATE idempotency_keys SET status = :status, sealed = :sealed WHERE key_hash = :key_hash")
FORGET = text("DELETE FROM idempotency_keys WHERE key_hash = :key_hash")


async def claim(tx: AsyncSession, asked: Claim) -> None:
    """Make the key ours for this transaction, or raise `Replay` with the first answer.

    A concurrent duplicate waits for the first one's end, at most the role's lock_timeout (2 s).
    """
    facts = {"key_hash": asked.key_hash, "body_hash": asked.body_hash, "written_at": machine_now()}
    if (await sql(tx, CLAIM, facts)).first() is not None:
        return
    known = (await sql(tx, KNOWN, {"key_hash": asked.key_hash})).mappings().first()
    if known is None:  # swept between the two statements
        raise InProgress
    if known["body_hash"] != asked.body_hash:
        raise KeyReused
    if known["sealed"] is None:
        raise InProgress
    raise Replay(_open(asked, known["status"], known["sealed"]))


async def keep(tx: AsyncSession, asked: Claim, response: Response) -> None:
    """Store the answer beside its effect; a refusal is forgotten, so that the key may be tried again."""
    if not 200 <= response.status_code < 400:
        await sql(tx, FORGET, {"key_hash": asked.key_hash})
        return
    facts = {
        "key_hash": asked.key_hash,
        "status": response.status_code,
        "sealed": seal(asked, response),
    }
    await sql(tx, KEEP, facts)


def _cipher(asked: Claim) -> AESGCM:
    return AESGCM(derive(asked.raw.encode(), asked.key_hash, "answer"))


NONCE = bytes(12)  # each key seals once, under a key derived from itself: no nonce ever repeats


def seal(asked: Claim, response: Response) -> bytes:
    kept: dict[str, Any] = {
        "media_type": response.headers.get("content-type"),
        "headers": {name: response.headers[name] for name in HEADERS if name in response.headers},
        "body": bytes(response.body).decode(),
    }
    return _cipher(asked).encrypt(NONCE, json.dumps(kept).encode(), asked.body_hash)


def _open(asked: Claim, status: int, sealed: bytes) -> Response:
    kept = json.loads(_cipher(asked).decrypt(NONCE, sealed, asked.body_hash))
    headers = {**kept["headers"], REPLAYED: "true"}
    return Response(kept["body"], status, headers, media_type=kept["media_type"])


SWEEP = text("""
    DELETE FROM idempotency_keys WHERE key_hash IN (
        SELECT key_hash FROM idempotency_keys WHERE written_at < :before LIMIT 200)""")


@job("idempotency.sweep", cron="0 17 * * * *")
async def sweep(tx: AsyncSession, now: datetime) -> int:
    """Forget answers older than 72 h of machine time."""
    result: Any = await sql(tx, SWEEP, {"before": machine_now() - KEPT})
    return int(result.rowcount)
