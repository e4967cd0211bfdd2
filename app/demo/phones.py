"""The demo users' phones: subscribed to WeChat's messages for good, and ringing whenever the clock is moved.

A clock moved by hand mostly stands at midnight or on a Sunday, and a year's deadlines pass in one jump.
Held back till the office opens, or told as one of 28 matters, the message a visitor waits for would not be
seen. So this county declares the lines that people bring about urgent, as any county may
(`PUT /api/v1/notification-routing`); with `{"changes": {}}` it keeps the office hours as shipped.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.signals import Signal
from app.deadlines.lines import Line
from app.demo.access import USERNAMES, openid_of
from app.demo.wechat import TEMPLATES
from app.notifications import credit
from app.notifications.credit import Subscription
from app.notifications.models import RoutingChoice

URGENT = (Line.OVERDUE, Line.OVERDUE_3, Line.OVERDUE_10, Signal.SLIPPED, Signal.URGED)


async def connect(tx: AsyncSession, *, appid: str, now: datetime) -> None:
    """`appid`: of the mini-program the users are bound to. `now`: business time."""
    for username in USERNAMES:
        for template in TEMPLATES.values():
            yes = Subscription(appid, openid_of(username), template, long_term=True)
            await credit.grant(tx, yes, at=now)
    tx.add(RoutingChoice(changes={"urgent": list(URGENT)}, chosen_at=now, chosen_by="system"))
