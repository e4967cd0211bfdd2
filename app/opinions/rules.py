"""Who hears a resident first, and what adopting means (pure)."""

import re
from enum import StrEnum


class Route(StrEnum):
    STATION = "station"  # 本站
    TOWNSHIP = "township"  # 直接交镇人大
    COUNTY = "county"  # 直接交县人大


class Category(StrEnum):
    """What a resident may choose; the last three skip the station."""

    ROADS = "roads"
    WATER = "water"
    ENVIRONMENT = "environment"
    FARMING = "farming"
    EDUCATION = "education"
    HEALTH = "health"
    SAFETY = "safety"
    CULTURE = "culture"
    WELFARE = "welfare"
    OTHER = "other"
    VILLAGE_AFFAIRS = "village_affairs"  # 村务
    CONDUCT = "conduct"  # 干部作风
    LAND_COMPENSATION = "land_compensation"  # 征地补偿


CATEGORY_NAMES: dict[Category, str] = {
    Category.ROADS: "道路交通",
    Category.WATER: "农田水利和饮水",
    Category.ENVIRONMENT: "环境卫生",
    Category.FARMING: "农业农村",
    Category.EDUCATION: "教育",
    Category.HEALTH: "医疗卫生",
    Category.SAFETY: "公共安全",
    Category.CULTURE: "文化体育",
    Category.WELFARE: "社会保障",
    Category.OTHER: "其他",
    Category.VILLAGE_AFFAIRS: "村务公开和管理",
    Category.CONDUCT: "干部作风",
    Category.LAND_COMPENSATION: "征地补偿",
}
SKIP_STATION = {Category.VILLAGE_AFFAIRS, Category.CONDUCT, Category.LAND_COMPENSATION}

# The keeper is often a village cadre: a text naming one must not land on that desk.
VILLAGE_CADRES = re.compile(
    "村支书|村书记|支部书记|村主任|村委会主任|村干部|村官|村长|社区书记|社区主任|治保主任|村会计"
)
TOWN_LEADERS = re.compile(
    "镇长|乡长|镇党委书记|乡党委书记|党委书记|镇委书记|人大主席|副镇长|副乡长|镇领导|乡领导"
)
# What may accuse somebody (检举控告): such a text goes to no unit, no partner and no wall.
ACCUSATION = re.compile("举报|检举|控告|贪污|受贿|行贿|索贿|索要好处|挪用|侵占|以权谋私|滥用职权|徇私")
PHONE_NUMBER = re.compile(r"(?<!\d)(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}[\s-]?\d{7,8})(?!\d)")
ORDER = (Route.STATION, Route.TOWNSHIP, Route.COUNTY)


def audience(chosen: Route, category: Category | None, content: str) -> Route:
    """The lowest desk that sees the text: what the resident chose, or higher where it must be.

    What accuses somebody and the three sensitive categories skip the station, whose keeper may be the one
    accused; texts about town leaders go to the county (domain.md 3).
    """
    least = Route.STATION
    if category in SKIP_STATION or accuses(category, content):
        least = Route.TOWNSHIP
    if TOWN_LEADERS.search(content):
        least = Route.COUNTY
    return max(chosen, least, key=ORDER.index)


def accuses(category: Category | None, content: str) -> bool:
    """May this text accuse somebody? In doubt it does: naming a cadre or a leader is enough."""
    marks = (ACCUSATION, VILLAGE_CADRES, TOWN_LEADERS)
    return category is Category.CONDUCT or any(mark.search(content) for mark in marks)


def without_phones(text: str) -> str:
    """People write their number into the text itself: it leaves this house with no text."""
    return PHONE_NUMBER.sub("（电话已隐去）", text)


SPACE = re.compile(r"\s+")
COPIED = 0.8


def merely_forwards(analysis: str, contents: list[str]) -> bool:
    """Is the delegate's analysis just the resident's letter? Simply forwarding one is not allowed.

    It is if, white space aside, a letter makes up more than 80 % of the analysis.
    """
    own = SPACE.sub("", analysis)
    letters = [SPACE.sub("", content) for content in contents]
    return any(letter and letter in own and len(letter) > COPIED * len(own) for letter in letters)


def masked_name(name: str) -> str:
    """王小明 → 王**"""
    return name[:1] + "*" * (len(name) - 1)


def masked_phone(phone: str) -> str:
    """13800001234 → 138****1234"""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 8 else "****"
