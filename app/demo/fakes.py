"""The demo's outside world, all fakes in one process: WeChat, short messages, WeCom, mail.

`python -m app.demo.fakes` serves them on WECHAT_API_BASE and MAIL_PORT; it loads little, so that the
demo is up soon. What is said about a real service's quotas holds, but for those per phone: a clock
moved by hand would spend a day's texts in a second.
"""

import asyncio
import os

from starlette.applications import Starlette
from starlette.routing import Mount

from app.demo.wechat import fake_wechat
from app.fakes.bots import app as bots
from app.fakes.bots.world import WecomWorld
from app.fakes.mail import app as mail
from app.fakes.mail.server import serving
from app.fakes.mail.world import MailWorld
from app.fakes.sms import app as sms
from app.fakes.sms.world import SmsTemplate, SmsWorld
from app.infra.serving import listen, serve_http
from app.kernel.clock import machine_now

SECRET = "demo-only-secret-of-a-fake"  # noqa: S105 - opens nothing but the fakes
SMS_TEMPLATES = {
    "due_soon": "您办理的${matter}期限到${day}为止：${todo}。",
    "overdue": "您办理的${matter}已过${day}的期限：${todo}，请协助。",
    "notice": "关于${matter}（${day}）：${todo}。",
}
PATHS = {"wechat": "", "sms": "/sms", "bot": "/wecom", "mail": "/mail"}


def sms_world() -> SmsWorld:
    world = SmsWorld(machine_now, key_id="demo", key_secret=SECRET, quotas=False)
    for name, content in SMS_TEMPLATES.items():
        world.add_template(SmsTemplate(f"demo-sms-{name}", content))
    return world


def wecom_world() -> WecomWorld:
    return WecomWorld(machine_now, secret=SECRET, bot_key=SECRET, admit_strangers=True)


def environment_of(base: str, mail_port: int) -> dict[str, str]:
    """How web and worker find the fakes at `base`."""
    sms_account, wecom = sms_world(), wecom_world()
    return {
        "SMS_PROVIDER": "tencent",
        "SMS_API_BASE": f"{base}{PATHS['sms']}",
        "SMS_KEY_ID": sms_account.key_id,
        "SMS_KEY_SECRET": SECRET,
        "SMS_APP_ID": sms_account.app_id,
        "SMS_SIGN_NAME": sms_account.sign_name,
        **{f"SMS_TEMPLATE_{name.upper()}": f"demo-sms-{name}" for name in SMS_TEMPLATES},
        "WECOM_API_BASE": f"{base}{PATHS['bot']}",
        "WECOM_CORPID": wecom.corpid,
        "WECOM_AGENTID": str(wecom.agentid),
        "WECOM_SECRET": SECRET,
        "WECOM_BOT_KEY": SECRET,
        "MAIL_HOST": "127.0.0.1",
        "MAIL_PORT": str(mail_port),
        "MAIL_SECURITY": "none",
        "MAIL_SENDER": "renda@demo.invalid",
    }


def fakes(mail_world: MailWorld, environment: str = "development") -> Starlette:
    """Raises RuntimeError in production."""
    return Starlette(
        routes=[
            Mount(PATHS["sms"], sms.make_app(sms_world(), environment=environment)),
            Mount(PATHS["bot"], bots.make_app(wecom_world(), environment=environment)),
            Mount(PATHS["mail"], mail.make_app(mail_world, environment=environment)),
            Mount("/", fake_wechat(environment)),
        ]
    )


async def serve() -> None:
    environment = os.environ.get("ENVIRONMENT", "development")
    host, _, port = os.environ["WECHAT_API_BASE"].removeprefix("http://").partition(":")
    mail_world = MailWorld(machine_now)
    async with serving(mail_world, port=int(os.environ["MAIL_PORT"]), environment=environment):
        await serve_http(fakes(mail_world, environment), listen(host, int(port)))


if __name__ == "__main__":
    asyncio.run(serve())
