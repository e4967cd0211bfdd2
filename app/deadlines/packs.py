"""Rule packs (规则包): the numbers of the law as data, read from YAML and refused if wrong.

A pack may stand on another (`based_on`): its rows replace those of the same kind and level, and a
row for any level replaces every row of its kind; of `policies` it states what is otherwise in its
place. A loaded pack is complete for kinds and levels.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from itertools import product
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from app.deadlines.arithmetic import LONGEST_AMOUNT, Period, Unit
from app.deadlines.lines import Kind, Line, Nature, nature_of
from app.deadlines.policies import PRACTICE, Policies
from app.deadlines.rulepacks import Loc, PackText, pack_names, shipped
from app.kernel.errors import Conflict, NotFound

UNREVIEWED = "规则包待法制审核"
NEVER_PAUSED = frozenset({Kind.REPLY, Kind.REHANDLING_REPLY, Kind.CO_OPINION})
OWN_DATE = frozenset({Kind.COMMITMENT})  # due on the date promised, not after a period

Key = tuple[Kind, "Level"]


class Level(StrEnum):
    """Of the congress that received the matter."""

    COUNTY = "county"
    TOWNSHIP = "township"
    ANY = "any"


class StartEvent(StrEnum):
    OPINION_RECEIVED = "opinion_received"  # 收到群众意见
    REFERRED = "referred"  # 转办
    RESULT_RECORDED = "result_recorded"  # 有了结果
    SUBMITTED = "submitted"  # 收到建议
    SESSION_CLOSED = "session_closed"  # 闭会
    ASSIGNED = "assigned"  # 交办
    RETURN_REQUESTED = "return_requested"  # 申请退办
    EXTENSION_REQUESTED = "extension_requested"  # 申请延期
    REPLIED = "replied"  # 答复
    REJECTED = "rejected"  # 评价不满意
    REHANDLED = "rehandled"  # 重新交办
    CONFERENCE_CALLED = "conference_called"  # 决定会商
    PROMISED = "promised"  # 作出承诺
    PERIOD_CLOSED = "period_closed"  # 报告期结束
    PETITION_RECEIVED = "petition_received"  # 首次收到信访事项
    PETITION_PASSED_ON = "petition_passed_on"  # 收到转送的信访事项


class Recipient(StrEnum):
    DELEGATE = "delegate"
    UNIT_OFFICER = "unit_officer"
    UNIT_HEAD = "unit_head"
    CONGRESS_OFFICE = "congress_office"
    PRESIDIUM_CHAIR = "presidium_chair"
    LEADER = "leader"
    MEETING_AGENDA = "meeting_agenda"


class Approver(StrEnum):
    PRESIDIUM = "presidium"  # 主席团
    DEPUTIES_COMMITTEE = "deputies_committee"  # 代表工委
    CONGRESS_OFFICE = "congress_office"
    UNIT_HEAD = "unit_head"


class PackUnknown(NotFound):
    code = "rule-pack-unknown"


class PackNotSelectable(Conflict):
    code = "rule-pack-not-selectable"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Data):
    amount: int = Field(ge=1, le=LONGEST_AMOUNT)
    unit: Unit

    @property
    def period(self) -> Period:
        return Period(self.amount, self.unit)


class ExtensionRule(_Data):
    """`cap` is counted from the start event, first time and extensions together."""

    cap: Span
    approver: Approver
    article: str = Field(min_length=1)


class RuleRow(_Data):
    """One clock: when it starts, how long it runs, who hears of it, and by which article.

    `limit` is absent only where each subject has a date of its own (a promise). `complex`: the
    longer limit fixed at assignment, which leaves no extension. `warn_days`: working days before
    the last day. `pause_article`: the article that lets the clock pause; without it, it never does.
    `reviewed_by`: who checked a row that a county entered itself.
    """

    kind: Kind
    level: Level = Level.ANY
    nature: Nature
    start_event: StartEvent
    session_start_event: StartEvent | None = None  # for what is raised in session
    limit: Span | None = None
    complex: Span | None = None
    roll: bool = True
    pause_article: str | None = Field(default=None, min_length=1)
    extension: ExtensionRule | None = None
    warn_days: int | None = Field(default=None, ge=1, le=60)
    ladder: str
    article: str = Field(min_length=1)
    note: str = ""
    reviewed_by: str | None = None
    reviewed_on: date | None = None

    @property
    def pausable(self) -> bool:
        return self.pause_article is not None

    @property
    def cited(self) -> str:
        """The article as people read it."""
        return "工作惯例（法规未定天数）" if self.article == PRACTICE else self.article

    def period(self, *, complex_matter: bool = False) -> Period | None:
        """How long the clock runs; None where the subject brings its own date."""
        span = self.complex if complex_matter and self.complex else self.limit
        return span.period if span else None

    def cap(self, *, complex_matter: bool = False) -> Period | None:
        """The longest time with extensions, from the start; None if none may be granted."""
        used_up = complex_matter and self.complex is not None
        return self.extension.cap.period if self.extension and not used_up else None

    @model_validator(mode="after")
    def _is_lawful(self) -> Self:
        for wrong, reason in self._faults():
            if wrong:
                raise ValueError(reason)
        return self

    def _faults(self) -> Iterator[tuple[bool, str]]:
        working = self.limit is not None and self.limit.unit is Unit.WORKING_DAYS
        nature = nature_of(self.kind)
        yield self.nature is not nature, f"nature 应为 {nature}"
        yield (self.limit is None) is not (self.kind in OWN_DATE), "limit 缺少或多余"
        yield self.pausable and self.kind in NEVER_PAUSED, "此类时限不得中止"
        yield self.pause_article == PRACTICE, "中止须有法规条文"
        yield (
            working and self.limit is not None and (self.warn_days or 0) >= self.limit.amount,
            "warn_days 应小于期限",
        )
        cap = self.extension.cap if self.extension else None
        for span in filter(None, (self.limit, self.complex)):
            shorter = cap is not None and cap.unit is span.unit and cap.amount < span.amount
            yield shorter, "延期的上限不能短于期限"


Ladder = Mapping[Line, tuple[Recipient, ...]]


class RulePack(_Data):
    """A complete set of rows. `version` is frozen into each deadline that was made under it."""

    name: str
    title: str
    selectable: bool
    based_on: str | None = None
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    ladders: Mapping[str, Ladder] = Field(default_factory=dict)
    policies: Policies = Policies()
    rows: tuple[RuleRow, ...]

    @property
    def caution(self) -> str | None:
        """Shown beside every date until a lawyer has reviewed the pack."""
        return None if self.reviewed_by else UNREVIEWED

    def reviewer(self, row: RuleRow) -> str | None:
        """Who checked this row, or the whole pack; None: nobody."""
        return row.reviewed_by or self.reviewed_by

    @cached_property
    def version(self) -> str:
        """Name and content hash: any change of a number gives another version."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return f"{self.name}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    @cached_property
    def by_key(self) -> Mapping[Key, RuleRow]:
        return {(row.kind, row.level): row for row in self.rows}

    def row(self, kind: Kind, level: Level) -> RuleRow:
        """The row for this level of congress, else the one for any level."""
        return self.by_key.get((kind, level)) or self.by_key[kind, Level.ANY]

    def ladder(self, row: RuleRow) -> Ladder:
        """Who hears of each line that a clock of this row crosses."""
        return self.ladders[row.ladder]


@cache
def read_pack(name: str) -> RulePack:
    """A shipped pack, also one that still awaits review; raises PackUnknown, PackInvalid."""
    if name not in pack_names():
        raise PackUnknown(f"没有名为 {name} 的规则包", pack=name)
    return parse_pack(shipped(name), source=f"{name}.yaml")


def load_pack(name: str) -> RulePack:
    """A pack that may be used; raises PackUnknown, PackInvalid, PackNotSelectable."""
    pack = read_pack(name)
    if not pack.selectable:
        raise PackNotSelectable(f"规则包“{pack.title}”待法制审核，暂不能选用", pack=name)
    return pack


def parse_pack(text: str, *, source: str) -> RulePack:
    """Read and check a pack; raises PackInvalid with the line, the row and the reason."""
    read = PackText.read(text, source)
    try:
        own = RulePack.model_validate(read.data)
    except ValidationError as error:
        raise read.invalid(_most_telling(error.errors())["loc"], reason_of(error)) from error
    pack = _on_top_of(read_pack(own.based_on), own) if own.based_on else own
    for loc, reason in _gaps(own, pack):
        raise read.invalid(loc, reason)
    return pack


def _on_top_of(base: RulePack, own: RulePack) -> RulePack:
    kinds = {row.kind for row in own.rows if row.level is Level.ANY}
    keys = {(row.kind, row.level) for row in own.rows}
    kept = (r for r in base.rows if r.kind not in kinds and (r.kind, r.level) not in keys)
    beneath = {
        "rows": (*own.rows, *kept),
        "ladders": {**base.ladders, **own.ladders},
        "policies": own.policies.over(base.policies),
    }
    return own.model_copy(update=beneath)


def _gaps(own: RulePack, pack: RulePack) -> Iterator[tuple[Loc, str]]:
    """What only shows when rows are looked at together, and where."""
    for index, row in enumerate(own.rows):
        if any((r.kind, r.level) == (row.kind, row.level) for r in own.rows[:index]):
            yield ("rows", index), "同一时限重复"
        for line in _unheard_lines(row, pack.ladders.get(row.ladder, {})):
            yield ("rows", index, "ladder"), f"催办层级 {row.ladder} 没有 {line} 的接收人"
    for kind, level in product(Kind if pack.selectable else (), (Level.COUNTY, Level.TOWNSHIP)):
        if pack.by_key.keys().isdisjoint({(kind, level), (kind, Level.ANY)}):
            yield ("rows",), f"缺少 {kind}（{level}）"


def _unheard_lines(row: RuleRow, ladder: Ladder) -> Iterator[Line]:
    crossed = Line if row.nature is Nature.DUTY else (Line.DUE_SOON, Line.LAST_DAY)
    return (line for line in crossed if not ladder.get(line))


def _most_telling(faults: list[ErrorDetails]) -> ErrorDetails:
    """A misspelt field is also a missing one: name the misspelling."""
    return next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])


def reason_of(error: ValidationError) -> str:
    """What is wrong, in Chinese, of the most telling fault."""
    fault = _most_telling(error.errors())
    field = fault["loc"][-1] if fault["loc"] else ""
    match fault["type"]:
        case "missing":
            return f"缺少 {field}"
        case "extra_forbidden":
            return f"不认识的字段 {field}"
        case "enum":
            return f"{field} 只能是 {fault['ctx']['expected']}"
        case "value_error":
            return str(fault["ctx"]["error"])
        case _:
            return f"{field} 填写有误：{fault['msg']}"
