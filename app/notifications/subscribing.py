"""Credit of WeChat's subscription messages: what is reported, what each send takes, who runs low."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.queries import openids_of
from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected
from app.alerts import queries as alerts
from app.alerts.models import AlertSubject
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal, occurrence_of
from app.directory import queries as directory
from app.kernel.clock import local_date, machine_now
from app.notifications import credit
from app.notifications.channels import Channel, Push
from app.notifications.credit import Subscription
from app.notifications.sending import WechatChannel
from app.settings import Settings

ACCEPTED = "accept"
LOW = 0  # sends left of some template


async def report(
    tx: AsyncSession, actor: Actor, chosen: Mapping[str, str], settings: Settings
) -> dict[str, int | None]:
    """What the person tapped, by template → sends left of ours. Unknown templates are left alone.

    Where WeChat's message push is set up its events count, and this report would count twice.
    """
    appid = settings.wechat_appid
    openid = (await openids_of(tx, [actor.id], appid=appid)).get(actor.id)
    ours = {settings.wechat_template_due_soon, settings.wechat_template_overdue} - {""}
    if openid is None:
        return dict.fromkeys(sorted(ours), None)
    pushed = bool(settings.wechat_push_token.get_secret_value())
    for template in sorted(ours & set(chosen)):
        if chosen[template] == ACCEPTED and not pushed:
            long_term = template in settings.long_term_templates
            await credit.grant(tx, Subscription(appid, openid, template, long_term), at=machine_now())
    return {
        template: await credit.left(tx, Subscription(appid, openid, template)) for template in sorted(ours)
    }


async def settle(
    tx: AsyncSession, channel: Channel, push: Push, outcome: Outcome, wechat: WechatChannel | None
) -> None:
    """A message taken, or perhaps taken, costs one; a refusal for want of credit says there is none."""
    if channel is not Channel.WECHAT or wechat is None:
        return
    about = Subscription(wechat.appid, push.address, wechat.template(push.line))
    match outcome:
        case Delivered() | Ambiguous():
            await credit.spend(tx, about, at=machine_now())
        case Rejected("not-subscribed"):
            await credit.exhaust(tx, about, at=machine_now())


async def warn_of_low_credit(tx: AsyncSession, wechat: WechatChannel, *, now: datetime) -> int:
    """Whoever WeChat would soon no longer take messages for is asked, in the inbox, once a month."""
    templates = [template for template in (wechat.due_soon, wechat.overdue) if template]
    if not templates or not (await alerts.settings(tx))[Signal.CREDIT_LOW].enabled:
        return 0
    county, month = await directory.county(tx), occurrence_of(local_date(now).replace(day=1))
    low = await credit.running_out(tx, appid=wechat.appid, templates=templates, at_most=LOW)
    raised = 0
    for account, _ in low:
        found = Found(
            line=Signal.CREDIT_LOW,
            subject_kind=AlertSubject.ACCOUNT,
            subject_id=account,
            occurrence=month,
            at=now,
            region_id=county.id,
        )
        raised += await raise_alert(tx, found, now=now) is not None
    return raised
