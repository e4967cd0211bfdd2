"""The residents' words for what the code calls by name; pure."""

from datetime import datetime

from app.kernel.clock import SHANGHAI
from app.opinions.rules import SKIP_STATION, Category
from app.opinions.workflow import Act
from app.stations.models import Tier

TIER_WORDS = {Tier.CENTER: "中心联络站", Tier.STATION: "联络站", Tier.POINT: "联络点"}
LEVEL_WORDS = {
    "county": "县人大代表",
    "city": "市人大代表",
    "province": "省人大代表",
    "national": "全国人大代表",
}
WEEKDAYS = "一二三四五六日"

GROUPS: dict[str, tuple[Category, ...]] = {
    "出行、用水和环境": (Category.ROADS, Category.WATER, Category.ENVIRONMENT, Category.SAFETY),
    "看病、上学和养老": (Category.HEALTH, Category.EDUCATION, Category.WELFARE),
    "种养和文体": (Category.FARMING, Category.CULTURE),
    "以下不经过联络站，由人大办公室直接看": (
        Category.VILLAGE_AFFAIRS,
        Category.CONDUCT,
        Category.LAND_COMPENSATION,
    ),
    "都不是": (Category.OTHER,),
}
assert set(GROUPS["以下不经过联络站，由人大办公室直接看"]) == SKIP_STATION

ACT_WORDS: dict[str, str] = {
    Act.RECEIVE: "收到您的意见",
    Act.ASK: "人大办公室想问您一个问题",
    Act.SUPPLEMENT: "您补充了情况",
    Act.ANSWER: "有了答复",
    Act.ADOPT: "代表采纳了，写成正式建议，交政府部门办理",
    Act.RESULT: "建议有了办理结果",
    Act.TRANSFER: "转到别的渠道",
    Act.OUTSIDE_RESULT: "受理的部门有了办理结果",
    Act.REFER: "交给承办单位办理",
    Act.TAKE_UP: "承办单位已经签收",
    Act.REPLY: "承办单位作了答复",
    Act.MERGE: "和同类意见合并办理，有了结果一样告诉您",
    Act.CONFIRM_KEPT: "您说了承诺有没有做到",
    Act.RATE: "您作了评价",
    Act.CLOSE: "办结",
    Act.REOPEN: "您要求重新办理",
}
RESULT_WORDS: dict[str, str] = {
    Act.ANSWER: "给您的答复",
    Act.RESULT: "办理结果",
    Act.REPLY: "办理结果",
    Act.OUTSIDE_RESULT: "办理结果",
    Act.TRANSFER: "已转其他渠道",
}
NOTICES = {
    "messages": "您说的话收到了。",
    "confirmation": "您说的情况收到了，会告诉承办单位和代表。",
    "rating": "您的评价收到了，谢谢您。",
    "reopening": "您的要求收到了，会重新办理。",
}


def level_words(level: str, township: str) -> str:
    """县人大代表; of a township by its own kind: 镇人大代表, 乡人大代表."""
    kind = township[-1:] if township[-1:] in ("镇", "乡") else "乡镇"
    return LEVEL_WORDS.get(level, f"{kind}人大代表")


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """9:00—11:30, local."""
    start, end = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    return f"{start.hour}:{start:%M}—{end.hour}:{end:%M}"


def half_day(instant: datetime) -> str:
    """12月10日（星期四）上午"""
    local = instant.astimezone(SHANGHAI)
    half = "上午" if local.hour < 12 else "下午" if local.hour < 18 else "晚上"
    return f"{local.month}月{local.day}日（星期{WEEKDAYS[local.weekday()]}）{half}"


def grouped(receipt: str) -> str:
    """In fours, as people copy it: the dashes do not count."""
    return "-".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))
