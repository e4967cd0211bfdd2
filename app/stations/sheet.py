"""A list of liaison stations as offices keep it, read into rows (联络站名册); pure.

A coordinate without its system is refused: GCJ-02 and WGS-84 lie hundreds of metres apart.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.infra.records import Column, Reading, Record, read, without_repeats
from app.infra.sheets import SheetRow
from app.kernel.geo import Coordinate, CoordinateInvalid, System

Tier = Literal["center", "station", "point"]

COLUMNS = (
    Column(
        "name",
        ("联络站名称", "站点名称", "站名", "联络站点", "联络站", "联络点名称", "名称", "name"),
        required=True,
    ),
    Column("tier", ("站点级别", "级别", "层级", "类型", "类别", "站点类型", "tier")),
    Column(
        "township",
        ("所属乡镇", "所属镇街", "所在乡镇", "所属乡镇街道", "乡镇街道", "镇街", "乡镇", "township"),
        required=True,
    ),
    Column("address", ("地址", "详细地址", "站点地址", "地点", "address")),
    Column("hours", ("开放时间", "接待时间", "接待日", "服务时间", "hours")),
    Column("phone", ("站点电话", "联络站电话", "公开电话", "联系电话", "电话", "phone")),
    Column("lat", ("纬度", "lat", "latitude")),
    Column("lng", ("经度", "lng", "lon", "longitude")),
    Column("system", ("坐标系", "坐标系统", "坐标类型", "system")),
    Column("keeper", ("管理员", "管理员姓名", "站长", "负责人", "联络员", "专职联络员", "keeper")),
    Column("keeper_phone", ("管理员手机", "管理员电话", "站长手机", "站长电话", "负责人电话", "联络员电话")),
)

TIER_WORDS: dict[str, Tier] = {
    "中心联络站": "center",
    "中心站": "center",
    "中心": "center",
    "一级": "center",
    "联络站": "station",
    "站": "station",
    "片区站": "station",
    "二级": "station",
    "联络点": "point",
    "点": "point",
    "三级": "point",
    "center": "center",
    "station": "station",
    "point": "point",
}
TIER_NAMES: dict[Tier, str] = {"center": "中心联络站", "station": "联络站", "point": "联络点"}
IN_NAME: tuple[tuple[str, Tier], ...] = (
    ("中心联络站", "center"),
    ("中心站", "center"),
    ("联络点", "point"),
    ("联络站", "station"),
)

SYSTEM_WORDS = {
    System.WGS84: ("wgs84", "gps", "天地图", "cgcs2000"),  # CGCS2000 is WGS-84 to a few centimetres
    System.GCJ02: ("gcj02", "火星", "高德", "腾讯", "微信"),
    System.BD09: ("bd09", "百度"),
}
SYSTEMS = {word: system for system, words in SYSTEM_WORDS.items() for word in words}
NO_STATION = {"合计", "总计", "小计"}


@dataclass(frozen=True, kw_only=True)
class StationRow:
    """One station. `township` is a name of ours. `keeper_phone`: a mainland mobile, for log-in."""

    number: int = field(compare=False)
    name: str
    tier: Tier
    township: str
    address: str
    hours: str
    phone: str | None
    place: Coordinate | None
    keeper: str | None
    keeper_phone: str | None


def read_stations(rows: Iterator[SheetRow], *, townships: Collection[str]) -> Reading[StationRow]:
    """Stations from a sheet; `townships` are the county's own. Raises SheetUnreadable."""
    reading = read(rows, COLUMNS, lambda record: _station(record, townships))
    return without_repeats(
        reading,
        key=lambda row: (row.township, row.name),
        likeness=lambda row: (row.township, row.name),
        refusal=("name", "请核对后只留一行，若是两个站，请用不同的名称"),
    )


def _station(record: Record, townships: Collection[str]) -> StationRow:
    name = record.word("name")
    if not name:
        raise record.refusal("name", "是空的，请填上站名，或删去这一行")
    if name in NO_STATION:
        raise record.refusal("name", "像是合计，不是一个站，请删去这一行")
    keeper, keeper_phone = record.word("keeper") or None, _mobile(record)
    if keeper_phone and not keeper:
        raise record.refusal("keeper", "是空的，却有手机号码，请填上管理员姓名")
    return StationRow(
        number=record.number,
        name=name,
        tier=_tier(record, name),
        township=_township(record, townships),
        address=record.word("address"),
        hours=record.word("hours"),
        phone=record.word("phone") or None,
        place=_place(record),
        keeper=keeper,
        keeper_phone=keeper_phone,
    )


def _tier(record: Record, name: str) -> Tier:
    """As the row says; where it says nothing, as the name does."""
    word = record.line("tier")
    if not word:
        return next((tier for part, tier in IN_NAME if part in name), "station")
    tier = TIER_WORDS.get(word.lower())
    if tier is None:
        raise record.refusal("tier", "认不出，请写中心联络站、联络站或联络点")
    record.note("tier", word, TIER_NAMES[tier])
    return tier


def _township(record: Record, townships: Collection[str]) -> str:
    """The county's township of this name; a bare 大湾 is 大湾镇 if only that one fits."""
    word = record.line("township")
    stem = re.compile(f"{re.escape(word)}(镇|乡|街道|街道办事处|农场)")
    fitting = [word] if word in townships else [name for name in townships if stem.fullmatch(name)]
    if not word:
        raise record.refusal("township", "是空的，请填上站点所在的乡镇或街道")
    if len(fitting) != 1:
        raise record.refusal("township", f"「{word}」不是本县的乡镇或街道，请按行政区划名称填写")
    record.note("township", word, fitting[0])
    return fitting[0]


def _mobile(record: Record) -> str | None:
    number = re.sub(r"[\s()（）\-－—]", "", record.line("keeper_phone"))
    number = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", number)
    if number in {"", "无", "/"}:
        return None
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise record.refusal("keeper_phone", "不是 11 位手机号码，登录要收短信，请核对，没有就留空")
    record.note("keeper_phone", record.raw("keeper_phone"), number)
    return number


def _place(record: Record) -> Coordinate | None:
    lat, lng = _degrees(record, "lat"), _degrees(record, "lng")
    if lat is None and lng is None:
        return None
    if lat is None or lng is None:
        raise record.refusal("lat" if lat is None else "lng", "是空的，经度和纬度要一起填")
    key = re.sub(r"[\W_]|坐标系?|地图$", "", record.line("system").lower())
    system = SYSTEMS.get(key) or SYSTEMS.get(key + "地图")
    if system is None:
        raise record.refusal(
            "system", "认不出，有经纬度就要写坐标系：wgs84（GPS）、gcj02（高德、腾讯）或 bd09（百度）"
        )
    try:
        return Coordinate(lat, lng, None, system)
    except CoordinateInvalid as error:
        raise record.refusal(str(error.facts["field"]), "超出了范围，是不是经度和纬度填反了") from error


def _degrees(record: Record, column: str) -> float | None:
    word = record.line(column).rstrip("°")
    if not word:
        return None
    try:
        return float(word)
    except ValueError:
        raise record.refusal(column, "不是一个数，请写成 23.0567 这样的度数") from None
