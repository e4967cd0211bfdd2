"""The demo's WeChat: the fake, with the two message templates, to which everybody subscribes for good."""

from starlette.applications import Starlette

from app.fakes.wechat.app import make_app
from app.fakes.wechat.subscriptions import LONG_TERM, Template
from app.fakes.wechat.world import World
from app.kernel.clock import machine_now

APPID = "wxfake0000000001"
SECRET = "demo-only-secret-of-a-fake-wechat"  # noqa: S105 - opens nothing but the fake
TEMPLATES = {"due_soon": "demo-template-due-soon", "overdue": "demo-template-overdue"}
CONTENT = "事项:{{thing1.DATA}}\n期限:{{date2.DATA}}\n提示:{{thing3.DATA}}"
TITLES = {"due_soon": "办理时限提醒", "overdue": "逾期提醒"}


def fake_wechat(environment: str = "development") -> Starlette:
    """Anybody may log in with `demo:<openid>`; no number of messages is too many (长期订阅)."""
    world = World(machine_now, appid=APPID, secret=SECRET, default_credit=1, admit_strangers=True)
    for name, id in TEMPLATES.items():
        world.add_template(Template(id, TITLES[name], CONTENT, LONG_TERM))
    return make_app(world, environment=environment)
