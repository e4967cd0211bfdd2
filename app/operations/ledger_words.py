"""The words of a ledger of suggestions: outcomes, marks, names, units, meetings; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize

from app.directory.roster import number_in
from app.suggestions.models import Mark, Outcome
from app.suggestions.states import Role

NOTHING = {"", "无", "暂无", "没有", "-", "--", "—", "——", "/", "\\", "N/A", "NA", "未知"}

# The letters as the national pack gives them, the likeliest outcome first.
OF_LETTER: Mapping[str, tuple[Outcome, ...]] = {
    "A": (Outcome.SOLVED,),
    "B": (Outcome.PARTLY_SOLVED,),
    "C": (Outcome.PLANNED, Outcome.CROSS_YEAR),
    "D": (Outcome.REFERENCE_ONLY, Outcome.NOT_FEASIBLE, Outcome.REFERRED_UP),
}
OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.SOLVED: "已解决 已经解决 解决 全部解决 采纳 已采纳 落实 已落实 办结 已办结 已办理 已完成",
    Outcome.PARTLY_SOLVED: "部分解决 已部分解决 基本解决 正在解决 逐步解决 部分采纳 部分落实 正在办理",
    Outcome.PLANNED: "列入计划 已列入计划 列入计划解决 计划解决 列入规划 已列入规划 纳入计划 纳入规划 拟解决",
    Outcome.CROSS_YEAR: "跨年度 跨年度办理 跨年度解决",
    Outcome.REFERRED_UP: "需上级解决 报上级 报上级解决 向上级反映 向上反映 建议上级解决",
    Outcome.NOT_FEASIBLE: "暂不具备条件 不具备条件 暂时不能解决 暂不能解决 不能解决 无法解决 不可行",
    Outcome.REFERENCE_ONLY: "留作参考 作参考 供参考 供工作参考 参考 解释说明 作解释说明 已解释说明",
}
OUTCOMES = {word: outcome for outcome, words in OUTCOME_WORDS.items() for word in words.split()}

MARK_WORDS: Mapping[Mark, str] = {
    Mark.SATISFIED: "满意 很满意 非常满意 表示满意",
    Mark.BASICALLY: "基本满意 较满意 比较满意 表示基本满意",
    Mark.UNSATISFIED: "不满意 很不满意 表示不满意",
}
MARKS = {word: mark for mark, words in MARK_WORDS.items() for word in words.split()}
NO_MARK = NOTHING | {"未评价", "未反馈", "未表态", "未测评", "无评价", "待评价", "未填"}


class Unread(ValueError):
    """A word that a ledger's column cannot hold; says what to write instead."""


def plain_word(written: str) -> str:
    """Full-width letters made half-width, blanks and closing marks away: what tells words apart."""
    return re.sub(r"[\s。.;；，,、]+", "", normalize("NFKC", written)).strip("\"“”'")


def outcome_of(written: str) -> Outcome | None:
    """The legal outcome of a letter, a word or both (A类、已解决、A（已解决）); None where there is none yet.

    Raises Unread.
    """
    word = plain_word(written)
    if word in NOTHING:
        return None
    found = re.fullmatch(r"([A-Da-d])?类?[(:]?(.*?)[)]?(?:类)?", word)
    assert found is not None  # everything matches
    letter, said = (found[1] or "").upper(), found[2]
    if said and said not in OUTCOMES:
        raise Unread("认不出是哪种办理结果，请写 A、B、C、D，或已解决、部分解决、列入计划、留作参考等")
    if letter and said and OUTCOMES[said] not in OF_LETTER[letter]:
        raise Unread("字母与文字不是同一种办理结果，请核对后只留一种")
    return OUTCOMES[said] if said else OF_LETTER[letter][0]


def mark_of(written: str) -> Mark | None:
    """None: not evaluated, which is no mark. Raises Unread."""
    word = plain_word(written)
    if word in NO_MARK:
        return None
    if word not in MARKS:
        raise Unread("认不出，请写满意、基本满意、不满意或未评价")
    return MARKS[word]


@dataclass(frozen=True)
class People:
    """Who raised it. `said`: how many there were in all, where the ledger tells only that (等12人)."""

    names: tuple[str, ...]
    said: int | None = None


def people_in(written: str) -> People:
    """张三、李四; 张 三 等12人; 王五(领衔). Names keep their order, each once."""
    text = normalize("NFKC", written)
    said = re.search(r"等\s*(?:共)?\s*([0-9]+)\s*(?:人|名|位)", text)
    text = re.sub(r"等\s*(?:共)?\s*[0-9]*\s*(?:人|名|位)?(?:代表)?\s*$", "", text)
    text = re.sub(r"[(].*?[)]|(?:领衔|联名|代表)?[:：]", " , ", text) if "(" in text or ":" in text else text
    names = [_name(part) for part in _parts(text)]
    kept = tuple(dict.fromkeys(name for name in names if name not in NOTHING))
    return People(kept, int(said[1]) if said else None)


def _parts(text: str) -> list[str]:
    """By the marks between them; by blanks only where there are no marks and every part is a whole name."""
    parts = [part for part in re.split(r"[、,;；，\n\t|/]+", text) if part.strip()]
    if len(parts) == 1 and all(len(part) > 1 for part in parts[0].split()):
        return parts[0].split()
    return parts


def _name(part: str) -> str:
    squeezed = "".join(part.split()) if not re.search("[A-Za-z]", part) else " ".join(part.split())
    name = re.sub(r"[•．・‧∙.]", "·", squeezed)
    return name.removesuffix("代表") if len(name) > 3 else name


ROLE_WORDS = {
    "主办": Role.LEAD,
    "牵头": Role.LEAD,
    "会办": Role.CO,
    "协办": Role.CO,
    "分办": Role.SEPARATE,
    "分别办理": Role.SEPARATE,
}
TAG = re.compile(rf"({'|'.join(ROLE_WORDS)})(?:单位)?")


def units_in(written: str) -> list[tuple[Role | None, str]]:
    """县水务局(主办)、农业农村局(会办); 主办:甲局 会办:乙局,丙局. None: no role was written beside it."""
    text = normalize("NFKC", written)
    found: list[tuple[Role | None, str]] = []
    standing: Role | None = None
    for part in re.split(r"[、,;；，\n\t|\s]+", text):
        head, mark, rest = part.partition(":")
        if mark and (role := ROLE_WORDS.get(head.removesuffix("单位"))):
            standing, part = role, rest
        own = re.search(r"[(](.*?)[)]", part)
        tagged = TAG.fullmatch(own[1]) if own else None
        name = part.replace(own[0], "") if own and tagged else part
        if name not in NOTHING:
            found.append((ROLE_WORDS[tagged[1]] if tagged else standing, name))
    return found


INNER = (("人民政府", "政府"), ("人大常委会", "人大"), ("办公室", "办"), ("委员会", "委"), ("管理局", "局"))


def unit_key(name: str, place: str) -> str:
    """What two spellings of one unit share: 示例县水务局, 县水务局 and 水务局."""
    key = "".join(normalize("NFKC", name).split())
    key = key.removeprefix(place)
    key = re.sub(r"^[县市区](?=.{2})", "", key)
    for long, short in INNER:
        key = key.replace(long, short)
    return key


@dataclass(frozen=True)
class Meeting:
    """Where it was raised. `term` and `number` None where the ledger does not say which session."""

    in_session: bool
    term: int | None = None
    number: int | None = None


SESSION = re.compile(r"第?([0-9一二三四五六七八九十]+)届.*?第?([0-9一二三四五六七八九十]+)次")
TERM = re.compile(r"第?([0-9一二三四五六七八九十]+)届")


def meeting_of(written: str) -> Meeting:
    """十八届三次会议, 会议期间, 闭会期间; blank is between sessions. Raises Unread."""
    word = plain_word(written)
    if word in NOTHING or "闭会" in word:
        term = TERM.search(word)
        return Meeting(in_session=False, term=number_in(term[1]) if term else None)
    if found := SESSION.search(word):
        return Meeting(True, number_in(found[1]), number_in(found[2]))
    if re.search(r"会议|大会|会中|会上|会期", word):
        return Meeting(in_session=True)
    raise Unread("认不出是会议期间还是闭会期间，请写「闭会」或「十八届三次会议」这样")
