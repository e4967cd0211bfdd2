"""Templates to HTML. Autoescape is always on; an unknown name is an error, never a blank."""

import hashlib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.kernel.clock import SHANGHAI
from app.pages.views import Frame

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_PATH = "/static"  # where the application mounts STATIC

# What the pages need and no more; routes send it with every page.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

STATE_WORDS = {
    "received": ("已收到，正在看", "联络站和人大办公室正在看您的意见，看完会告诉您怎么办。"),
    "referred": ("已交办", "已交给负责的单位，等它签收办理。"),
    "handling": ("办理中", "负责的单位正在办理。"),
    "awaiting_resident": ("等您补充", "有一个问题想问您，请在下面回答。"),
    "adopted": ("代表已采纳", "代表据此写成了正式建议，会由政府部门办理并答复。"),
    "transferred": ("已转其他渠道", "这件事归别的渠道办，已经转过去，去向写在下面。"),
    "merged": ("已合并办理", "和别人反映的同一件事一起办，结果同样会告诉您。"),
    "answered": ("已有结果", "结果写在下面，请看看是否说清楚了。"),
    "told": ("已有结果", "结果写在下面，请看看是否说清楚了。"),
    "closed": ("已办结", "这件事已经办结。"),
    "reopened": ("重新办理中", "按您的要求，正在重新办理。"),
}

RATING_WORDS = {"satisfied": "满意", "basically": "基本满意", "unsatisfied": "不满意"}


def render(template: str, view: object, *, frame: Frame) -> str:
    """The whole page. Raises jinja2.UndefinedError when the template asks for what is not there."""
    return environment().get_template(template).render(view=view, frame=frame)


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(day=day, moment=moment, last_day=last_day, link=link, minutes=minutes)
    env.globals.update(asset=asset, qr=qr)
    env.globals.update(STATE_WORDS=STATE_WORDS, RATING_WORDS=RATING_WORDS)
    return env


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def moment(instant: datetime) -> str:
    """An aware instant as local date and time of day."""
    local = instant.astimezone(SHANGHAI)
    return f"{day(local)} {local:%H:%M}"


def last_day(exclusive_end: datetime) -> str:
    """The last local day of a period that ends at `exclusive_end` (24:00 that day, 民法典 §203)."""
    return day((exclusive_end - timedelta(microseconds=1)).astimezone(SHANGHAI))


def minutes(seconds: int) -> int:
    """Whole minutes, rounded up: whoever waits that long waits long enough."""
    return max(1, -(-seconds // 60))


@pass_context
def link(context: Context, path: str) -> str:
    """A path of this site; large print goes with it as `big=1`, so no cookie is needed."""
    frame: Frame = context["frame"]
    return with_big(path) if frame.big else path


def with_big(path: str) -> str:
    parts = urlsplit(path)
    query = f"{parts.query}&big=1" if parts.query else "big=1"
    return parts._replace(query=query).geturl()


@cache
def asset(name: str) -> str:
    """The file's address with a hash of its content: it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest[:12]}"


def qr(text: str, label: str) -> Markup:
    """A QR code as inline SVG, level M, quiet zone 4: no request, prints sharply."""
    code = segno.make(text, error="m", micro=False)
    options: dict[str, Any] = {"omitsize": True, "border": 4, "light": "#fff", "svgclass": "qr"}
    drawing = Markup(code.svg_inline(**options))  # noqa: S704  segno draws paths, never the text
    return Markup('<div class="qr-box" role="img" aria-label="{}">{}</div>').format(label, drawing)
