"""The paper on a station's wall: an A4 page with a large QR code, as PNG and as PDF.

Drawn at 300 dpi; lengths are pixels of that page unless said otherwise. No emblem, no seal, no red
letterhead (domain.md 7). Reads a Chinese font of the host, nothing else; takes about a second of
CPU, so call it outside any transaction and off the event loop.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from app.kernel.errors import Unavailable

DPI = 300
WIDTH, HEIGHT = 2480, 3508  # A4 portrait, 210 x 297 mm
MARGIN = 190
QR_SIDE = 1290  # 11 cm with its quiet zone: readable from about a metre
QR_TOP = 970
QUIET = 4  # modules of white around the code (ISO/IEC 18004)

PINE, DEEP, GOLD, CLAY = "#17594f", "#0f423a", "#e5c48b", "#a64b25"
INK, SOFT, PAPER, WASH, LINE = "#1d2a2c", "#55625f", "#ffffff", "#e9f1ed", "#cfc8b8"
WATERMARK = "#efe7d6"

SLOGAN = ("有话请说", "扫码即达人大代表")
STEPS = (("扫一扫", "微信或相机都行"), ("说事情", "打字、拍照，一分钟"), ("看回音", "凭回执随时查结果"))
NO_LOGIN = "不用下载软件 · 不用登录 · 可以不留姓名"
ELSEWHERE = (
    "急事请直接拨打：110 报警　119 火警　120 急救　12345 政务热线",
    "人大不直接处理具体案件；申诉求决会登记转交，并给您凭据。",
)

FONT_DIRS = tuple(
    Path(name).expanduser()
    for name in (
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "~/.local/share/fonts",
        "~/.fonts",
        "/Library/Fonts",
        "/System/Library/Fonts",
        "C:/Windows/Fonts",
    )
)
# (file, face inside it): Noto's collections hold JP, KR, SC, … in that order.
PLAIN_FACES = (
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansCJKsc-Regular.otf", 0),
    ("NotoSansSC-Regular.otf", 0),
    ("SourceHanSansSC-Regular.otf", 0),
    ("SourceHanSansCN-Regular.otf", 0),
    ("wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", 0),
    ("PingFang.ttc", 0),
    ("msyh.ttc", 0),
    ("DroidSansFallbackFull.ttf", 0),
)
BOLD_FACES = (
    ("NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJKsc-Bold.otf", 0),
    ("NotoSansSC-Bold.otf", 0),
    ("SourceHanSansSC-Bold.otf", 0),
    ("SourceHanSansCN-Bold.otf", 0),
    ("msyhbd.ttc", 0),
    *PLAIN_FACES,
)

Face = tuple[str, int]


class FontMissing(Unavailable):
    code = "poster-font-missing"

    def __init__(self) -> None:
        super().__init__(
            "服务器上没有中文字体，暂时生成不了海报，请管理员安装 fonts-noto-cjk 后再试",
            retry_after=3600,
        )


@dataclass(frozen=True, kw_only=True)
class StationPoster:
    """`link` is the station page's https address; `phone` is shown, so consented (domain.md 7)."""

    county: str
    name: str
    tier: str
    link: str
    address: str
    reception_days: str
    phone: str | None = None
    demo: bool = False


@dataclass(frozen=True)
class Modules:
    """Where the code's squares lie: `side` pixels each, the first dark or light one at the top left
    corner (`left`, `top`), quiet zone excluded."""

    matrix: tuple[bytearray, ...]
    left: int
    top: int
    side: int


def as_png(poster: StationPoster, font_dirs: Sequence[Path] = FONT_DIRS) -> bytes:
    """Raises FontMissing where the host has no Chinese font."""
    out = io.BytesIO()
    draw_page(poster, font_dirs).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def as_pdf(poster: StationPoster, font_dirs: Sequence[Path] = FONT_DIRS) -> bytes:
    """One A4 page. Raises FontMissing where the host has no Chinese font."""
    out = io.BytesIO()
    page = draw_page(poster, font_dirs)
    page.save(out, "PDF", resolution=DPI, quality=95, subsampling=0, title=poster.name)
    return out.getvalue()


def modules_of(link: str) -> Modules:
    """The link as a code of level Q: a quarter of it may be dirty or torn."""
    code = segno.make(link, error="q", micro=False)
    count = len(code.matrix)
    side = QR_SIDE // (count + 2 * QUIET)
    extent = side * count
    middle = QR_TOP + QR_SIDE // 2
    return Modules(code.matrix, (WIDTH - extent) // 2, middle - extent // 2, side)


def draw_page(poster: StationPoster, font_dirs: Sequence[Path] = FONT_DIRS) -> Image.Image:
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = Pen(ImageDraw.Draw(page), tuple(font_dirs))
    if poster.demo:
        draw_watermark(page, pen)
    draw_head(pen, poster)
    draw_code(pen, poster)
    draw_steps(pen)
    draw_facts(pen, poster)
    draw_foot(pen, poster)
    return page


@dataclass(frozen=True)
class Pen:
    on: ImageDraw.ImageDraw
    font_dirs: tuple[Path, ...]

    def font(self, size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
        path, index = face(BOLD_FACES if bold else PLAIN_FACES, self.font_dirs)
        return ImageFont.truetype(path, size, index=index)

    def fitting(self, text: str, size: int, width: int, bold: bool = False) -> ImageFont.FreeTypeFont:
        """The font in `size`, or as much smaller as the text needs to keep to one line."""
        needed = self.font(size, bold).getlength(text)
        return self.font(min(size, math.floor(size * width / needed)) if needed else size, bold)

    def centred(self, y: int, text: str, size: int, fill: str, bold: bool = False) -> None:
        font = self.fitting(text, size, WIDTH - 2 * MARGIN, bold)
        self.on.text((WIDTH // 2, y), text, fill, font, anchor="mm")


@cache
def face(faces: tuple[Face, ...], font_dirs: tuple[Path, ...]) -> tuple[Path, int]:
    """The first of these faces that the host has."""
    for name, index in faces:
        for directory in font_dirs:
            if found := next(directory.rglob(name), None):
                return found, index
    raise FontMissing


def draw_watermark(page: Image.Image, pen: Pen) -> None:
    """演示数据 across the whole page, beneath everything: the code's white field covers it."""
    side = math.hypot(WIDTH, HEIGHT)
    sheet = Image.new("L", (int(side), int(side)), 0)
    brush = ImageDraw.Draw(sheet)
    font = pen.font(110, bold=True)
    for row, y in enumerate(range(0, int(side), 330)):
        for x in range(-300 * (row % 2), int(side), 800):
            brush.text((x, y), "演示数据", 255, font)
    turned = sheet.rotate(30, Image.Resampling.BICUBIC)
    left, top = (turned.width - WIDTH) // 2, (turned.height - HEIGHT) // 2
    mask = turned.crop((left, top, left + WIDTH, top + HEIGHT))
    page.paste(WATERMARK, (0, 0), mask)


def draw_head(pen: Pen, poster: StationPoster) -> None:
    pen.on.rectangle((0, 0, WIDTH, 450), PINE)
    pen.on.rectangle((0, 450, WIDTH, 466), GOLD)
    pen.centred(125, f"{poster.county} · {poster.tier}", 72, GOLD)
    pen.centred(285, poster.name, 156, "#ffffff", bold=True)
    pen.centred(640, SLOGAN[0], 220, DEEP, bold=True)
    pen.centred(840, SLOGAN[1], 112, DEEP, bold=True)


def draw_code(pen: Pen, poster: StationPoster) -> None:
    left = (WIDTH - QR_SIDE) // 2
    frame = (left, QR_TOP, WIDTH - left, QR_TOP + QR_SIDE)
    pen.on.rounded_rectangle(frame, 56, "#ffffff", PINE, 10)
    code = modules_of(poster.link)
    for row, line in enumerate(code.matrix):
        for column, dark in enumerate(line):
            if dark:
                x, y = code.left + column * code.side, code.top + row * code.side
                pen.on.rectangle((x, y, x + code.side - 1, y + code.side - 1), "#000000")
    pen.centred(QR_TOP + QR_SIDE + 66, poster.link, 46, SOFT)
    pen.centred(QR_TOP + QR_SIDE + 172, NO_LOGIN, 68, CLAY, bold=True)


def draw_steps(pen: Pen) -> None:
    third = (WIDTH - 2 * MARGIN) // 3
    icons: tuple[Callable[[Pen, int, int], None], ...] = (draw_phone, draw_speech, draw_answer)
    for number, ((title, words), icon) in enumerate(zip(STEPS, icons, strict=True)):
        left, middle = MARGIN + number * third, 2665
        pen.on.ellipse((left + 20, middle - 110, left + 240, middle + 110), WASH)
        icon(pen, left + 130, middle)
        text = left + 275
        pen.on.text((text, middle - 42), title, DEEP, pen.font(78, bold=True), anchor="lm")
        words_font = pen.fitting(words, 44, third - 285)
        pen.on.text((text, middle + 48), words, SOFT, words_font, anchor="lm")


def draw_phone(pen: Pen, x: int, y: int) -> None:
    pen.on.rounded_rectangle((x - 40, y - 70, x + 40, y + 70), 14, None, PINE, 9)
    pen.on.line((x - 62, y, x + 62, y), CLAY, 9)
    pen.on.line((x - 12, y + 52, x + 12, y + 52), PINE, 8)


def draw_speech(pen: Pen, x: int, y: int) -> None:
    pen.on.rounded_rectangle((x - 66, y - 58, x + 66, y + 34), 20, None, PINE, 9)
    pen.on.polygon(((x - 34, y + 28), (x - 34, y + 70), (x + 6, y + 28)), PINE)
    for dx in (-32, 0, 32):
        pen.on.ellipse((x + dx - 8, y - 20, x + dx + 8, y - 4), CLAY)


def draw_answer(pen: Pen, x: int, y: int) -> None:
    pen.on.rounded_rectangle((x - 52, y - 68, x + 52, y + 68), 12, None, PINE, 9)
    pen.on.line((x - 26, y - 34, x + 26, y - 34), PINE, 9)
    pen.on.line(((x - 30, y + 12), (x - 8, y + 34), (x + 32, y - 10)), CLAY, 12, joint="curve")


def draw_facts(pen: Pen, poster: StationPoster) -> None:
    facts = [("地址", poster.address), ("接待日", poster.reception_days)]
    if poster.phone:
        facts.append(("电话", poster.phone))
    pen.on.line((MARGIN, 2830, WIDTH - MARGIN, 2830), LINE, 4)
    for number, (label, words) in enumerate(facts):
        y = 2905 + number * 108
        pen.on.text((MARGIN, y), label, PINE, pen.font(62, bold=True), anchor="lm")
        font = pen.fitting(words, 62, WIDTH - 2 * MARGIN - 280)
        pen.on.text((MARGIN + 280, y), words, INK, font, anchor="lm")


def draw_foot(pen: Pen, poster: StationPoster) -> None:
    pen.on.rectangle((0, 3212, WIDTH, HEIGHT), WASH)
    for number, words in enumerate(ELSEWHERE):
        pen.centred(3276 + number * 76, words, 54 - 6 * number, DEEP, bold=number == 0)
    if poster.demo:
        pen.centred(3424, "演示数据：虚构的县，请勿张贴", 44, CLAY, bold=True)
