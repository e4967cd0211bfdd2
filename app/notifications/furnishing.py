"""The channels of one process, from its settings: each adapter behind the one protocol they share.

A channel that is not set up is absent in production, so that nobody counts as told by it; elsewhere
its console twin stands in.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from app.adapters.bots.app_message import AppMessages, MemberMessage, WecomApp
from app.adapters.bots.console import ConsoleAppMessages, ConsoleGroupBot
from app.adapters.bots.group_bot import GroupBot, GroupNotice, News
from app.adapters.delivery import Outcome, Rejected, Stands
from app.adapters.http import make_client
from app.adapters.mail.console import ConsoleMail
from app.adapters.mail.message import Mail
from app.adapters.mail.smtp import MailServer, Security, SmtpMail
from app.adapters.sms import aliyun, tencent
from app.adapters.sms.aliyun import AliyunAccount, AliyunSms
from app.adapters.sms.console import ConsoleSms
from app.adapters.sms.message import Sms, SmsChannel
from app.adapters.sms.signing import Key
from app.adapters.sms.tencent import TencentAccount, TencentSms
from app.adapters.wechat.tokens import TokenStore
from app.adapters.wechat.values import date_text
from app.deadlines.lines import Line
from app.notifications.channels import Channel, Push, Sender, Senders
from app.settings import Settings

Open = Callable[[str], httpx.AsyncClient]
"""Opens a client for an address; it is closed with the process."""
TokenStores = Callable[[str], TokenStore]
"""The shared store of one application's access token, by its key."""

NEAR = (Line.DUE_SOON, Line.LAST_DAY)
PAST = (Line.OVERDUE, Line.OVERDUE_3, Line.OVERDUE_10)


@dataclass(frozen=True)
class SmsSender:
    """The approved templates; their variables are matter, day, what to do, in this order.

    `notice` serves every line that is about no time limit.
    """

    sms: SmsChannel
    due_soon: str
    overdue: str
    notice: str

    async def send(self, push: Push) -> Outcome:
        message = self._message(push)
        if not message.template:
            return Rejected("template-missing", Stands.MESSAGE)
        return await self.sms.send(message)

    async def find(self, push: Push) -> Outcome | None:
        return await self.sms.find(self._message(push))

    def _message(self, push: Push) -> Sms:
        values = {"matter": push.matter, "day": date_text(push.day), "todo": push.what_to_do}
        return Sms(push.address, self._template(push.line), values, reference_of(push))

    def _template(self, line: str) -> str:
        if line in NEAR:
            return self.due_soon
        return self.overdue if line in PAST else self.notice


@dataclass(frozen=True)
class WecomSender:
    app: AppMessages | ConsoleAppMessages

    async def send(self, push: Push) -> Outcome:
        return await self.app.send(MemberMessage(push.address, push.what_to_do, push.text, push.link))


@dataclass(frozen=True)
class BotSender:
    """`desk`: where a group looks; the person's own link stays out of it."""

    bot: GroupBot | ConsoleGroupBot
    desk: str

    async def send(self, push: Push) -> Outcome:
        return await self.bot.send(GroupNotice(news_of(push.line), 1, self.desk))


def news_of(line: str) -> News:
    if line in NEAR:
        return News.DUE_SOON
    return News.OVERDUE if line in PAST else News.NEW


@dataclass(frozen=True)
class MailSender:
    mail: SmtpMail | ConsoleMail

    async def send(self, push: Push) -> Outcome:
        text = "\n".join(filter(None, (push.text, push.link)))
        subject = f"{push.what_to_do}：{push.matter}"
        return await self.mail.send(Mail(push.address, subject, text, reference_of(push)))


def reference_of(push: Push) -> str:
    """What comes back in receipts: ids only, the same at each attempt."""
    return f"key={push.key}&{push.page.partition('?')[2]}"[:256]


@asynccontextmanager
async def channels(settings: Settings, tokens: TokenStores) -> AsyncIterator[Senders]:
    """Every channel but WeChat's mini-program, while the process runs."""
    async with AsyncExitStack() as closing:

        def open_client(base: str) -> httpx.AsyncClient:
            client = make_client(base)
            closing.push_async_callback(client.aclose)
            return client

        yield _senders(settings, tokens, open_client)


def _senders(settings: Settings, tokens: TokenStores, open_client: Open) -> Senders:
    made = {
        Channel.SMS: _sms(settings, open_client),
        Channel.WECOM: _wecom(settings, tokens, open_client),
        Channel.BOT: _bot(settings, open_client),
        Channel.MAIL: _mail(settings),
    }
    twins = {} if settings.environment == "production" else _twins(settings)
    return Senders({**twins, **{channel: sender for channel, sender in made.items() if sender}})


def _twins(settings: Settings) -> dict[Channel, Sender]:
    return {
        Channel.SMS: SmsSender(ConsoleSms(), "console", "console", "console"),
        Channel.WECOM: WecomSender(ConsoleAppMessages()),
        Channel.BOT: BotSender(ConsoleGroupBot(), settings.base_url),
        Channel.MAIL: MailSender(ConsoleMail()),
    }


def _sms(settings: Settings, open_client: Open) -> Sender | None:
    key = Key(settings.sms_key_id, settings.sms_key_secret.get_secret_value())
    sms: SmsChannel
    match settings.sms_provider:
        case "tencent":
            account = TencentAccount(key, settings.sms_app_id, settings.sms_sign_name, settings.sms_region)
            sms = TencentSms(account, open_client(settings.sms_api_base or tencent.HOST))
        case "aliyun":
            client = open_client(settings.sms_api_base or aliyun.HOST)
            sms = AliyunSms(AliyunAccount(key, settings.sms_sign_name), client)
        case _:
            return None
    return SmsSender(
        sms, settings.sms_template_due_soon, settings.sms_template_overdue, settings.sms_template_notice
    )


def _wecom(settings: Settings, tokens: TokenStores, open_client: Open) -> Sender | None:
    if not settings.wecom_corpid:
        return None
    app = WecomApp(settings.wecom_corpid, settings.wecom_agentid, settings.wecom_secret.get_secret_value())
    return WecomSender(AppMessages(app, tokens(app.token_key), open_client(settings.wecom_api_base)))


def _bot(settings: Settings, open_client: Open) -> Sender | None:
    key = settings.wecom_bot_key.get_secret_value()
    return BotSender(GroupBot(key, open_client(settings.wecom_api_base)), settings.base_url) if key else None


def _mail(settings: Settings) -> Sender | None:
    if not settings.mail_host:
        return None
    server = MailServer(
        settings.mail_host,
        settings.mail_port,
        Security(settings.mail_security),
        settings.mail_sender,
        settings.mail_user,
        settings.mail_password.get_secret_value(),
    )
    return MailSender(SmtpMail(server))
