"""A roster as offices keep it, read into seats (代表名册); pure.

A spelling that means one thing is read as that and reported; what may mean two things is refused.
Kept as written: whatever is a name, a post or an organisation.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal
from unicodedata import category

from app.infra.records import Column, Reading, Record, RefusedRow, Variant, read, without_repeats
from app.infra.sheets import SheetRow
from app.kernel.clock import local_date


class Level(StrEnum):
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATIONAL = "national"


COLUMNS = (
    Column("name", ("姓名", "代表姓名", "名字", "代表", "name"), required=True),
    Column("phone", ("手机号码", "手机号", "手机", "移动电话", "联系电话", "联系方式", "电话", "电话号码")),
    Column("level", ("层级", "代表层级", "级别", "代表级别", "人大层级")),
    Column("term", ("届次", "届别", "届", "当选届次", "代表届次")),
    Column("district", ("选区", "所在选区", "选区名称", "选举单位", "当选选区")),
    Column("group", ("代表小组", "代表团", "小组", "所在小组", "所属小组", "代表组", "所在代表团", "分组")),
    Column("gender", ("性别",)),
    Column("ethnicity", ("民族",)),
    Column("party", ("党派", "政治面貌", "所属党派")),
    Column("organisation", ("工作单位", "所在单位", "单位", "单位名称")),
    Column("post", ("职务", "职务/单位", "单位/职务", "单位及职务", "工作单位及职务", "职业", "职务职称")),
    Column("elected_on", ("当选日期", "当选时间", "任职时间")),
    Column("seat_number", ("代表编号", "代表证号", "证号", "代表证编号")),
)

LEVEL_WORDS = {
    Level.TOWNSHIP: ("乡镇", "镇", "乡"),
    Level.COUNTY: ("县", "区", "县区", "区县", "县市区", "县级市"),
    Level.CITY: ("设区市", "地级市"),  # a bare 市 may be either
    Level.PROVINCE: ("省", "自治区", "直辖市"),
    Level.NATIONAL: ("全国", "国家"),
}
LEVELS = {word: level for level, words in LEVEL_WORDS.items() for word in (level.value, *words)}

Gender = Literal["男", "女"]
GENDERS: dict[str, Gender] = {"男": "男", "女": "女", "男性": "男", "女性": "女", "M": "男", "F": "女"}

PEOPLES = (  # GB/T 3304
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 "
    "东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 "
    "俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
ETHNICITIES = {f"{people}族" for people in PEOPLES.split()} | {"穿青人", "其他"}

PARTY_WORDS = {
    "中共": ("中共党员", "中共预备党员", "中国共产党", "共产党员", "党员"),
    "农工党": ("农工",),
    "致公党": ("致公",),
    "九三学社": ("九三",),
    "无党派": ("无党派人士",),
}
PARTIES = {word: party for party, words in PARTY_WORDS.items() for word in words}

NO_PERSON = {*COLUMNS[0].words, "合计", "总计", "小计"}
DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
PLACE = re.compile(
    r"(?P<stem>.{2,}?)(?P<kind>自治县|新区|街道|区|县|市|镇|乡)?"
    r"(?:办事处|办)?(?:代表团|代表小组|小组|选区)?"
)


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """One seat. `phone` is a mainland mobile number, the one log-in will ask for."""

    number: int = field(compare=False)
    name: str
    level: Level
    term: int
    phone: str | None
    district: str | None
    group: str | None
    gender: Gender | None
    ethnicity: str | None
    party: str | None
    organisation: str | None
    post: str | None
    elected_on: date | None
    seat_number: str | None

    def key(self, congress: Hashable = None) -> Hashable:
        """What makes a second import add nothing; the group tells namesakes apart where no more is known."""
        return congress, self.level, self.term, self.name, self.phone or self.district or self.group


def read_roster(
    rows: Iterator[SheetRow],
    *,
    term: int | None = None,
    level: Level = Level.TOWNSHIP,
    known_places: Collection[str] = (),
) -> Reading[RosterRow]:
    """Seats from a sheet; `term` and `level` stand where the sheet says nothing.

    `known_places` are the tenant's districts and groups: a roster's 乡 is read as our 镇 only if
    we know the 镇 and no 乡. Raises SheetUnreadable.
    """
    reading = read(rows, columns_for(term), lambda record: _seat(record, term, level))
    reading = _with_one_spelling(reading, "district", known_places)
    reading = _with_one_spelling(reading, "group", known_places)
    return without_repeats(
        _without_shared_phones(reading),
        key=RosterRow.key,
        likeness=lambda row: (row.level, row.term, row.name),
        refusal=("name", "请核对后只留一行，若是同名的两位代表，请填手机或选区"),
    )


def columns_for(term: int | None) -> tuple[Column, ...]:
    """The columns a roster may have; 届次 is required where nobody gives the term."""
    return tuple(replace(c, required=True) if c.field == "term" and not term else c for c in COLUMNS)


def _seat(record: Record, term: int | None, level: Level) -> RosterRow:
    name, noted = _name(record)
    return RosterRow(
        number=record.number,
        name=name,
        phone=_phone(record),
        level=_level(record) or level,
        term=_term(record, term),
        district=record.word("district", _district) or None,
        group=record.word("group") or None,
        gender=_gender(record) or next((GENDERS[n] for n in noted if n in GENDERS), None),
        ethnicity=_ethnicity(record) or next((n for n in noted if n in ETHNICITIES), None),
        party=_party(record),
        organisation=record.word("organisation") or None,
        post=record.word("post") or None,
        elected_on=local_date(at) if (at := record.moment("elected_on")) else None,
        seat_number=record.word("seat_number") or None,
    )


def _name(record: Record) -> tuple[str, list[str]]:
    """The name, and what delegate lists put in brackets after it: 王小英（女，壮族）."""
    line = record.line("name")
    found = re.fullmatch(r"([^(（]+)[(（](.*)[)）]", line)
    noted = re.split(r"[,，、;；\s]+", found[2]) if found else []
    name = re.sub(r"\s*[•．・‧∙.]\s*", "·", found[1] if found else line).strip()
    name = name if re.search("[A-Za-z]", name) else name.replace(" ", "")
    if not name:
        raise record.refusal("name", "是空的，请填上代表姓名，或删去这一行")
    if name in NO_PERSON:
        raise record.refusal("name", "像是表头或合计，不是一位代表，请删去这一行")
    if not 2 <= len(name) <= 40 or not all(map(_fits_a_name, name)):
        raise record.refusal("name", "不像一个人的姓名，请只写一位代表的姓名，认不出的字请补上")
    if not set(noted) <= {*GENDERS, *ETHNICITIES}:
        raise record.refusal("name", "括号里除性别、民族外还有别的，请移到别的列；同名的人请填手机或选区")
    record.note("name", record.raw("name"), name)
    return name, noted


def _fits_a_name(character: str) -> bool:
    """Letters of any script; private-use characters too, in which registers keep rare ones."""
    return character.isalpha() or character in "·-' 〇" or category(character) in {"Co", "Mn"}


def _phone(record: Record) -> str | None:
    number = re.sub(r"[\s'＇().（）\-－—–]", "", record.line("phone"))
    number = re.sub(r"^(?:[+＋]|00)?86(?=1\d{10}$)", "", number)
    if number in {"", "无", "/"}:
        return None
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise record.refusal("phone", _phone_fault(number))
    record.note("phone", record.raw("phone"), number)
    return number


def _phone_fault(number: str) -> str:
    if re.search(r"E\+?\d", number, re.IGNORECASE):
        return "被表格软件写成了科学计数，末几位已丢失，请把这一列设为文本再重填手机号码"
    if len(re.findall(r"1[3-9]\d{9}", number)) > 1:
        return "里不止一个号码，请只留本人能收短信的一个手机号码"
    if re.fullmatch(r"0\d{9,11}|[2-9]\d{6,7}", number):
        return "是座机，登录要收短信，请填手机号码，没有就留空"
    return "不是 11 位手机号码，请核对，没有就留空"


def _level(record: Record) -> Level | None:
    word = re.sub(r"级?(?:人大)?(?:代表)?$", "", record.line("level"))
    if word and word not in LEVELS:
        raise record.refusal("level", "认不出，请写乡镇级、县级、县级市、地级市、省级或全国，一级一行")
    return LEVELS.get(word)


def _term(record: Record, given: int | None) -> int:
    line = record.line("term")
    if not line and given:
        return given
    found = re.fullmatch(r"第?(\w+?)(?:届.*)?", line)
    term = number_in(found[1]) if found else None
    if not term or term > 99:
        raise record.refusal("term", "认不出是第几届，请写成「第十九届」或 19")
    return term


def number_in(text: str) -> int | None:
    """The number written as 19 or 十九; Chinese numerals up to 九十九."""
    if re.fullmatch("[0-9]+", text):
        return int(text)
    tens, ten, units = text.rpartition("十")
    if len(tens) > 1 or len(units) > 1 or not {*tens, *units} <= {*DIGITS} or not text:
        return None
    return (DIGITS[tens] if tens else 1) * 10 * bool(ten) + (DIGITS[units] if units else 0)


def _district(line: str) -> str:
    """第三选区, 三选区, 3选区 and 3 are 第3选区; names stay."""
    found = re.fullmatch(r"第?([0-9]+|[〇一二三四五六七八九十]+)号?(?:选区)?", line)
    number = number_in(found[1]) if found else None
    return f"第{number}选区" if number else line


def _gender(record: Record) -> Gender | None:
    word = record.word("gender", lambda line: GENDERS.get(line.upper(), line))
    if word and word not in GENDERS:
        raise record.refusal("gender", "认不出，请写男或女")
    return GENDERS.get(word)


def _ethnicity(record: Record) -> str | None:
    word = record.word("ethnicity", lambda line: line + "族" if line + "族" in ETHNICITIES else line)
    if word and word not in ETHNICITIES:
        raise record.refusal("ethnicity", "不是民族名称，这一行可能错了列，请核对后再导入")
    return word or None


def _party(record: Record) -> str | None:
    word = record.word("party", lambda line: PARTIES.get(line, line))
    if re.search(r"\d", word) or word in ETHNICITIES:
        raise record.refusal("party", "不是党派名称，这一行可能错了列，请核对后再导入")
    return word or None


def _with_one_spelling(
    reading: Reading[RosterRow], where: Literal["district", "group"], known: Collection[str]
) -> Reading[RosterRow]:
    usual = usual_spellings(Counter(getattr(row, where) or "" for row in reading.rows), known)
    rows, variants = [], list(reading.variants)
    for row in reading.rows:
        written = getattr(row, where) or ""
        taken_as = usual.get(written, written)
        if taken_as != written:
            variants.append(Variant(row.number, where, written, taken_as))
            row = replace(row, district=taken_as) if where == "district" else replace(row, group=taken_as)
        rows.append(row)
    return replace(reading, rows=tuple(rows), variants=tuple(variants))


def usual_spellings(written: Counter[str], known: Collection[str]) -> dict[str, str]:
    """Each name to the one it stands for: 河口 to 河口区, and 大湾乡 to 大湾镇 if only that is known.

    Unknown, 大湾镇 and 大湾乡 are two places, and a bare 大湾 beside them stays as it is.
    """
    families: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    for name in {*written, *known}:
        if place := PLACE.fullmatch(name):
            families[place["stem"]].add(name)
            kinds[name] = place["kind"] or ""
    usual: dict[str, str] = {}
    for family in families.values():
        ours = family & {*known}
        if len(ours) == 1 or (not ours and len({kinds[name] for name in family} - {""}) < 2):
            best = max(ours or family, key=lambda name: (kinds[name] != "", written[name], name))
            usual |= dict.fromkeys(family, best)
    return usual


def _without_shared_phones(reading: Reading[RosterRow]) -> Reading[RosterRow]:
    """A phone logs one person in: all who share one are refused, whoever of them it belongs to."""
    owners: dict[str, set[str]] = defaultdict(set)
    for row in reading.rows:
        owners[row.phone or ""].add(row.name)
    shared = {phone for phone, names in owners.items() if phone and len(names) > 1}
    reason = "手机号码与表里另一位代表相同，登录会认错人，请改成本人的号码，没有就留空"
    refused = [RefusedRow(row.number, "phone", reason) for row in reading.rows if row.phone in shared]
    rows = tuple(row for row in reading.rows if row.phone not in shared)
    return replace(reading, rows=rows, refused=(*reading.refused, *refused))
