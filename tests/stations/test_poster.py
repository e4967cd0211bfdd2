"""The poster: its code leads to the station, it is A4, and it says when it is only a demo."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageChops

from app.stations import poster as drawing
from app.stations.poster import FontMissing, StationPoster, as_pdf, as_png, modules_of

LINK = "https://lianluo.example/s/QX7K2M"
POSTER = StationPoster(
    county="示例县",
    name="云岭镇中心联络站",
    tier="中心联络站",
    link=LINK,
    address="云岭镇文昌路 18 号便民服务中心一楼",
    reception_days="每月 10 日上午 9:00—11:30",
    phone="0766-0000123",
)

Band = tuple[int, int, int, int]
FACTS: Band = (0, 2840, drawing.WIDTH, 3200)


def has_font() -> bool:
    try:
        drawing.face(drawing.PLAIN_FACES, drawing.FONT_DIRS)
    except FontMissing:
        return False
    return True


needs_font = pytest.mark.skipif(not has_font(), reason="no Chinese font (fonts-noto-cjk) here")


def page_of(poster: StationPoster) -> Image.Image:
    return Image.open(io.BytesIO(as_png(poster))).convert("RGB")


def differ(one: Image.Image, other: Image.Image, band: Band) -> bool:
    return ImageChops.difference(one.crop(band), other.crop(band)).getbbox() is not None


def read_modules(page: Image.Image, link: str) -> list[list[int]]:
    """The code on the page, quiet zone included, by the colour at each module's centre."""
    code = modules_of(link)
    count = len(code.matrix)
    grey = page.convert("L")
    reach = range(-drawing.QUIET, count + drawing.QUIET)

    def dark(row: int, column: int) -> int:
        x = code.left + column * code.side + code.side // 2
        y = code.top + row * code.side + code.side // 2
        return int(grey.getpixel((x, y)) < 128)  # type: ignore[operator]  # "L": one number

    return [[dark(row, column) for column in reach] for row in reach]


def expected_modules(link: str) -> list[list[int]]:
    matrix = segno.make(link, error="q", micro=False).matrix_iter(border=drawing.QUIET)
    return [[int(module) for module in row] for row in matrix]


@needs_font
@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("link", [LINK, f"{LINK}?from={'x' * 150}"], ids=["usual", "long"])
def test_code_on_the_page_is_the_stations_link_with_its_quiet_zone(demo: bool, link: str) -> None:
    page = page_of(replace(POSTER, link=link, demo=demo))
    assert read_modules(page, link) == expected_modules(link)


@needs_font
def test_code_of_another_station_is_another_code() -> None:
    other = f"{LINK[:-1]}N"
    assert read_modules(page_of(POSTER), LINK) != expected_modules(other)


def test_code_is_more_than_8_centimetres_wide() -> None:
    code = modules_of(LINK)
    assert code.side * len(code.matrix) > 8 / 2.54 * drawing.DPI  # the quiet zone not counted


@needs_font
def test_png_is_a4_at_300_dpi() -> None:
    image = Image.open(io.BytesIO(as_png(POSTER)))
    width, height = (round(side / drawing.DPI * 25.4) for side in image.size)
    assert (width, height) == (210, 297)
    assert round(image.info["dpi"][0]) == drawing.DPI


@needs_font
def test_pdf_is_one_a4_page() -> None:
    pdf = as_pdf(POSTER)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [ 0 0 595.2 841.92 ]" in pdf


@needs_font
def test_phone_appears_only_when_given() -> None:
    without = page_of(replace(POSTER, phone=None))
    assert differ(page_of(POSTER), without, FACTS)
    assert not differ(page_of(POSTER), without, (0, 0, drawing.WIDTH, 2840))


@needs_font
def test_demo_poster_is_marked_all_over() -> None:
    real, demo = page_of(POSTER), page_of(replace(POSTER, demo=True))
    for top in range(500, 3200, 450):
        assert differ(real, demo, (0, top, drawing.WIDTH, top + 450))


@needs_font
@pytest.mark.parametrize(
    "poster",
    [
        replace(POSTER, name="云岭镇大坪村第十三村民小组文化广场东侧人大代表联络点" * 2),
        replace(POSTER, address="云岭镇文昌路十八号便民服务中心一楼西侧第三间办公室" * 4),
        replace(POSTER, reception_days="每月 10 日、20 日、30 日上午九时至十一时半" * 4),
    ],
    ids=["name", "address", "days"],
)
def test_long_words_shrink_instead_of_leaving_the_page(poster: StationPoster) -> None:
    page, usual = page_of(poster), page_of(POSTER)
    edges = ((0, 0, 150, drawing.HEIGHT), (drawing.WIDTH - 150, 0, drawing.WIDTH, drawing.HEIGHT))
    for edge in edges:
        assert not differ(page, usual, edge)


def test_host_without_a_chinese_font_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        as_png(POSTER, font_dirs=[tmp_path])
