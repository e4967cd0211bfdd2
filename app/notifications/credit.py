"""How many subscription messages (订阅消息) WeChat will still take for a person, by template.

A hint that spares a vain attempt and says when to ask for more; WeChat's own word is the truth. Each
accepted prompt adds one send; a send takes one; 43101 says that none is left. Where the message push
is set up, its events are the only source of new credit: the client's report would count it twice.
A long-term template (长期订阅, for 政务民生) is one yes or no. Machine time throughout.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, LargeBinary, text
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.wechat.events import ConsentWithdrawn, MessageReported, SubscriptionChosen, WeChatEvent
from app.infra.columns import TenantTable
from app.infra.db import sql

MOST = 20  # more would only hide that a person has not been asked for long
REMEMBERED = timedelta(days=1)
FORGOTTEN_AT_ONCE = 50


class WechatCredit(TenantTable, table=True):
    __tablename__ = "wechat_credits"
    __table_args__ = (CheckConstraint(f"remaining BETWEEN 0 AND {MOST}", name="remaining"),)

    appid: str = Field(primary_key=True)
    openid: str = Field(primary_key=True)
    template_id: str = Field(primary_key=True)
    remaining: int
    long_term: bool = False
    changed_at: datetime


class WechatPush(TenantTable, table=True):
    """A push already acted on: SHA-256 of its key, kept for a day."""

    __tablename__ = "wechat_pushes"

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    received_at: datetime = Field(index=True)


@dataclass(frozen=True)
class Subscription:
    """One person's yes to one template. `long_term` is noted when it is given; later nobody need say."""

    appid: str
    openid: str
    template_id: str
    long_term: bool = False


ADD = text("""
    INSERT INTO wechat_credits AS c (appid, openid, template_id, remaining, long_term, changed_at)
    VALUES (:appid, :openid, :template_id, 1, :long_term, :at)
    ON CONFLICT (appid, openid, template_id) DO UPDATE
       SET long_term = :long_term,
           remaining = CASE WHEN :long_term THEN 1 ELSE least(c.remaining + 1, :most) END,
           changed_at = :at""")
TAKE = text("""
    UPDATE wechat_credits SET remaining = greatest(remaining - 1, 0), changed_at = :at
     WHERE appid = :appid AND openid = :openid AND template_id = :template_id AND NOT long_term""")
NONE_LEFT = text("""
    INSERT INTO wechat_credits (appid, openid, template_id, remaining, long_term, changed_at)
    VALUES (:appid, :openid, :template_id, 0, :long_term, :at)
    ON CONFLICT (appid, openid, template_id) DO UPDATE SET remaining = 0, changed_at = :at""")
LEFT = text("""
    SELECT remaining FROM wechat_credits
     WHERE appid = :appid AND openid = :openid AND template_id = :template_id""")
LOW = text("""
    SELECT b.account_id, min(coalesce(c.remaining, 0)) AS remaining
      FROM wechat_bindings b
      JOIN accounts a ON a.id = b.account_id AND a.disabled_at IS NULL
     CROSS JOIN unnest(CAST(:templates AS text[])) AS t(id)
      LEFT JOIN wechat_credits c
        ON c.appid = b.appid AND c.openid = b.openid AND c.template_id = t.id
     WHERE b.appid = :appid
     GROUP BY b.account_id HAVING min(coalesce(c.remaining, 0)) <= :at_most
     ORDER BY b.account_id""")
FORGET_PERSON = text("DELETE FROM wechat_credits WHERE appid = :appid AND openid = :openid")
REMEMBER = text("""
    INSERT INTO wechat_pushes (key, received_at) VALUES (:key, :at) ON CONFLICT DO NOTHING RETURNING 1""")
FORGET_PUSHES = text("""
    DELETE FROM wechat_pushes WHERE key IN (
        SELECT key FROM wechat_pushes WHERE received_at < :before
         ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED)""")


async def grant(tx: AsyncSession, to: Subscription, *, at: datetime) -> None:
    """The person accepted a prompt."""
    facts = {**_key(to), "at": at, "long_term": to.long_term, "most": MOST}
    await sql(tx, ADD, facts)


async def spend(tx: AsyncSession, of: Subscription, *, at: datetime) -> None:
    """A message was taken by WeChat, or may have been."""
    await sql(tx, TAKE, {**_key(of), "at": at})


async def exhaust(tx: AsyncSession, of: Subscription, *, at: datetime) -> None:
    """WeChat refuses (43101), or the person has switched the template off."""
    await sql(tx, NONE_LEFT, {**_key(of), "long_term": of.long_term, "at": at})


async def left(tx: AsyncSession, of: Subscription) -> int | None:
    """None: nothing is known, a send may be tried."""
    found: int | None = (await sql(tx, LEFT, _key(of))).scalar_one_or_none()
    return found


async def running_out(
    tx: AsyncSession, *, appid: str, templates: Sequence[str], at_most: int
) -> list[tuple[UUID, int]]:
    """(account, fewest sends left of any of the templates) of everybody bound who should be asked."""
    facts = {"appid": appid, "templates": list(templates), "at_most": at_most}
    return [(row.account_id, row.remaining) for row in await sql(tx, LOW, facts)]


async def first_time(tx: AsyncSession, key: str, *, at: datetime) -> bool:
    """False for a push whose effects stand already, or are being written by another process."""
    await sql(tx, FORGET_PUSHES, {"before": at - REMEMBERED, "limit": FORGOTTEN_AT_ONCE})
    taken = await sql(tx, REMEMBER, {"key": hashlib.sha256(key.encode()).digest(), "at": at})
    return taken.first() is not None


async def correct(
    tx: AsyncSession,
    events: Iterable[WeChatEvent],
    *,
    appid: str,
    long_term: Collection[str] = (),
    at: datetime,
) -> None:
    """What WeChat's events say of credit, always in the same order of rows."""
    for event in sorted(events, key=_row_of):
        match event:
            case SubscriptionChosen(openid, template, accepted, prompted):
                about = Subscription(appid, openid, template, template in long_term)
                await _chosen(tx, about, accepted=accepted, prompted=prompted, at=at)
            case MessageReported(openid, template, errcode=errcode) if errcode:
                await exhaust(tx, Subscription(appid, openid, template), at=at)
            case ConsentWithdrawn(openid, data) if not data:
                await sql(tx, FORGET_PERSON, {"appid": appid, "openid": openid})


async def _chosen(
    tx: AsyncSession, about: Subscription, *, accepted: bool, prompted: bool, at: datetime
) -> None:
    """Switched on in WeChat's settings, a one-time template gives no new send; refusing one prompt
    takes nothing from those accepted before."""
    if accepted and (prompted or about.long_term):
        await grant(tx, about, at=at)
    elif not accepted and (about.long_term or not prompted):
        await exhaust(tx, about, at=at)


def _row_of(event: WeChatEvent) -> tuple[str, str]:
    return event.openid, getattr(event, "template_id", "")


def _key(of: Subscription) -> dict[str, str]:
    return {"appid": of.appid, "openid": of.openid, "template_id": of.template_id}
