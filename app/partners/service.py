"""Partner systems are added, prove who they are, and are shut out."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import audit
from app.kernel.clock import machine_now
from app.kernel.ids import random_code
from app.partners import queries
from app.partners.errors import ScopeUnknown
from app.partners.models import USUAL_QUOTA, PartnerClient
from app.partners.scopes import Scope, known

CLIENT_ID_LENGTH = 16
SECRET_BYTES = 32
NOBODY = bytes(32)


def secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def add_partner(
    tx: AsyncSession, name: str, scopes: Iterable[str], *, quota: int = USUAL_QUOTA
) -> tuple[str, str]:
    """A new partner system: (client_id, client_secret). The secret is shown this once, only its hash kept.

    Raises ScopeUnknown. `quota`: requests a minute.
    """
    try:
        held = known(scopes)
    except ValueError as error:
        raise ScopeUnknown([*Scope]) from error
    secret = secrets.token_urlsafe(SECRET_BYTES)
    client = PartnerClient(
        client_id=random_code(CLIENT_ID_LENGTH),
        name=name,
        secret_hash=secret_hash(secret),
        scopes=[*held],
        quota=quota,
        created_at=machine_now(),
    )
    tx.add(client)
    _note(tx, "partner.add", client)
    await tx.flush()
    return client.client_id, secret


async def disable_partner(tx: AsyncSession, client_id: str) -> bool:
    """Shut a partner out: its tokens are dead from the next request on. False if it is unknown."""
    client = await queries.by_client_id(tx, client_id)
    if client is None:
        return False
    client.disabled_at = client.disabled_at or machine_now()
    tx.add(client)
    _note(tx, "partner.disable", client)
    return True


def proves(client: PartnerClient | None, secret: str) -> bool:
    """Is this the secret of an active client? Takes as long for an unknown one."""
    expected = client.secret_hash if client else NOBODY
    same = hmac.compare_digest(secret_hash(secret), expected)
    return same and client is not None and client.disabled_at is None


def note_refused(tx: AsyncSession, client: PartnerClient) -> None:
    """A known client came with a wrong secret, or after it was disabled."""
    _note(tx, "partner.token", client, actor="unknown", outcome="refused")


def _note(
    tx: AsyncSession, action: str, client: PartnerClient, *, actor: str = "system", outcome: str = "done"
) -> None:
    audit.note(
        tx,
        action,
        actor=actor,
        subject_kind="partner",
        subject_id=client.id,
        now=machine_now(),
        outcome=outcome,
    )
