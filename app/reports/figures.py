"""What a figure is, and how counts become figures (pure).

A figure names what it counts, out of how many, and what was left out and why: a share without its
denominator is how 35 % solved came to read 91 % satisfied. Silence is never satisfied.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Counts = Mapping[str, int]

FEWEST = 5  # marks below this could be traced to one delegate
TOO_FEW = f"少于 {FEWEST} 件评价，不单独显示"
NOT_FOR_UNITS = "代表评价不向承办单位公开"


@dataclass(frozen=True)
class LeftOut:
    why: str
    count: int


@dataclass(frozen=True)
class Figure:
    """`denominator` None: a plain count. `withheld`: why there is no number."""

    key: str
    name: str
    numerator: int | None
    denominator: int | None = None
    excluded: tuple[LeftOut, ...] = ()
    unit: str = "件"
    withheld: str | None = None


def _out(*pairs: tuple[str, int]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(why, count) for why, count in pairs if count)


STATES = {
    "draft": "退回修改",
    "cosigning": "待联名确认",
    "submitted": "待审核",
    "accepted": "待交办",
    "assigned": "已交办",
    "return_requested": "退办审批",
    "handling": "办理中",
    "reply_drafted": "待签发",
    "replied": "已答复",
    "rejected": "不满意审查",
    "conference": "会商",
    "committed": "承诺跟踪",
    "closed": "办结",
    "archived": "归档",
    "withdrawn": "撤回",
    "transferred": "移送",
    "merged": "并案",
}


def received(counts: Counts) -> Iterator[Figure]:
    """`counts`: received, by_proxy, key_items, and one for each state the reader may know."""
    whole = counts.get("received", 0)
    yield Figure("suggestions.received", "提交建议", whole)
    for state, name in STATES.items():
        if state in counts:
            yield Figure(f"suggestions.state.{state}", name, counts[state], whole)
    yield Figure("suggestions.key", "重点督办", counts.get("key_items", 0), whole)
    yield Figure("suggestions.by_proxy", "代为录入", counts.get("by_proxy", 0), whole)


# Clock kinds and the acts that fulfil them; a clock stopped by another act is owed by nobody.
FULFILLED_BY: Mapping[str, tuple[str, ...]] = {
    "review": ("review.accept", "review.send_back", "review.transfer", "review.merge"),
    "assignment": ("assignment",),
    "acceptance": ("acceptance",),
    "return_decision": ("return-decision.agree", "return-decision.refuse"),
    "first_contact": ("contacts",),
    "co_opinion": ("co-opinion",),
    "extension_decision": ("extension-decision",),
    "reply": ("reply",),
    "rehandling_reply": ("reply",),
    "rejection_decision": (
        "rejection-decision.rehandle",
        "rejection-decision.stand",
        "rejection-decision.conference",
    ),
}
OFFICE_CLOCKS = {
    "review": "按时审核",
    "assignment": "按时交办",
    "return_decision": "按时审批退办",
    "extension_decision": "按时审批延期",
    "rejection_decision": "按时审查不满意",
}
UNIT_CLOCKS = {
    "acceptance": "按时签收",
    "first_contact": "按时首次联系代表",
    "co_opinion": "按时会办",
    "reply": "按时答复",
    "rehandling_reply": "按时重新答复",
}
LATENESS = {
    "days_1_3": "1-3 天",
    "days_4_10": "4-10 天",
    "days_11_30": "11-30 天",
    "days_over_30": "30 天以上",
}


def clocks(kind: str, name: str, counts: Counts) -> Iterator[Figure]:
    """On time, out of all that were done or are overdue: still open and overdue is not on time."""
    in_time, late, overdue = (counts.get(key, 0) for key in ("in_time", "late", "overdue"))
    out = _out(("未到期", counts.get("running", 0)), ("撤回、退办、并案等不再办理", counts.get("void", 0)))
    due = in_time + late + overdue
    yield Figure(f"on_time.{kind}", name, in_time, due, out)
    if kind in ("reply", "rehandling_reply"):
        yield Figure(f"overdue_open.{kind}", f"{name[2:]}逾期未完成", overdue, due, out)
        for bucket, words in LATENESS.items():
            number = counts.get(bucket, 0)
            yield Figure(f"lateness.{kind}.{bucket}", f"{name[2:]}逾期 {words}", number, late + overdue)


def handling(counts: Counts) -> Iterator[Figure]:
    charged, standing, replied = (counts.get(key, 0) for key in ("charged", "standing", "replied"))
    gone = _out(("已退办或终止", charged - standing))
    yield Figure("handling.assigned", "交办（主办、分别办理）", standing, None, gone)
    yield Figure("handling.replied", "已答复", replied, standing, gone)
    yield Figure("handling.met", "当面商谈", counts.get("talked", 0), standing, gone)
    yield Figure("handling.extended", "延期", counts.get("extended", 0), standing, gone)
    yield Figure("handling.return_asked", "申请退办", counts.get("return_asked", 0), charged)
    yield Figure("handling.returned", "同意退办", counts.get("returned", 0), counts.get("return_asked", 0))
    answered = counts.get("answered", 0)  # also those whose earlier reply is being done again
    waiting = _out(("从未答复", standing - answered))
    yield Figure("handling.rehandled", "重新办理", counts.get("rehandled", 0), answered, waiting)


OUTCOMES = {
    "solved": "已解决",
    "partly_solved": "部分解决",
    "planned": "列入计划",
    "cross_year": "跨年办理",
    "referred_up": "报上级",
    "not_feasible": "不可行",
    "reference_only": "留作参考",
}


def outcomes(counts: Counts) -> Iterator[Figure]:
    """`counts`: outcome → newest issued replies."""
    whole = sum(counts.get(outcome, 0) for outcome in OUTCOMES)
    for outcome, name in OUTCOMES.items():
        yield Figure(f"outcome.{outcome}", name, counts.get(outcome, 0), whole)


def promises(counts: Counts) -> Iterator[Figure]:
    """Kept on time out of all promised that are due or kept; open ones that are not due are left out."""
    promised, running = counts.get("promised", 0), counts.get("running", 0)
    waiting = counts.get("reported", 0)
    due = promised - running - waiting
    out = _out(
        ("未到期", running),
        ("单位已报兑现，待代表确认", waiting),
        ("重新办理，原承诺作废", counts.get("superseded", 0)),
    )
    yield Figure("promises.made", "承诺事项", promised, None)
    yield Figure("promises.kept_in_time", "承诺按期兑现", counts.get("kept_in_time", 0), due, out)
    yield Figure("promises.kept_late", "承诺逾期兑现", counts.get("kept_late", 0), due, out)
    yield Figure("promises.denied", "代表否认已兑现", counts.get("denied", 0), due, out)
    yield Figure("promises.overdue", "承诺逾期未兑现", counts.get("overdue", 0), due, out)
    yield Figure("promises.open", "承诺尚未了结", running + waiting, promised)
    yield Figure("promises.slipped", "承诺改期", counts.get("slipped", 0), promised)
    kept = counts.get("kept_in_time", 0) + counts.get("kept_late", 0)
    yield Figure("promises.cleared", "其中代表未表态、人大核实", counts.get("cleared", 0), kept)


DIMENSIONS = {"attitude": "态度", "contact": "面商", "reply": "答复", "result": "结果"}


def judgements(counts: Counts) -> Iterator[Figure]:
    """Marks in groups of at least FEWEST; who did not evaluate is in no one's favour, and is counted."""
    marked, silent = counts.get("marked", 0), counts.get("silent", 0)
    nobody, waiting = counts.get("nobody", 0), counts.get("waiting", 0)
    out = _out(("到期未评价", silent), ("无评价人", nobody), ("仍在评价期", waiting))
    for mark, name in (("satisfied", "满意"), ("basically", "基本满意"), ("unsatisfied", "不满意")):
        yield _held_back(f"evaluation.{mark}", name, counts.get(mark, 0), marked, out)
    ended = marked + silent + nobody
    open_ = _out(("仍在评价期", waiting))
    held = 0 if marked < FEWEST else ended  # the marks could be worked out of this share as well
    yield _held_back("evaluation.satisfied_of_all", "满意占全部应评", counts.get("satisfied", 0), held, open_)
    for dimension, name in DIMENSIONS.items():
        given = counts.get(f"{dimension}_marked", 0)
        unmarked = (*_out(("未评这一项", marked - given)), *out)
        yield _held_back(f"evaluation.{dimension}", f"{name}满意", counts.get(dimension, 0), given, unmarked)
    yield Figure("evaluation.silent", "到期未评价", silent, ended, open_)
    yield Figure("evaluation.nobody", "无评价人", nobody, ended, open_)
    yield Figure("evaluation.by_proxy", "代为录入的评价", counts.get("by_proxy", 0), marked)


def _held_back(key: str, name: str, number: int, whole: int, out: tuple[LeftOut, ...]) -> Figure:
    if whole < FEWEST:
        return Figure(key, name, None, None, out, withheld=TOO_FEW)
    return Figure(key, name, number, whole, out)


TOLD = {"read": "本人查看", "phoned": "电话告知", "visited": "上门告知", "posted": "站内公示"}


def opinions(counts: Counts) -> Iterator[Figure]:
    got, answered = counts.get("received", 0), counts.get("answered", 0)
    moved = _out(("已移送", counts.get("transferred", 0)), ("已并案", counts.get("merged", 0)))
    yield Figure("opinions.received", "收到群众意见", got)
    yield Figure("opinions.answered", "已答复", answered, got, moved)
    for how, name in TOLD.items():
        yield Figure(f"opinions.told.{how}", name, counts.get(how, 0), counts.get("to_tell", 0))
    available = counts.get("available", 0)
    yield Figure("opinions.available", "可查询、未查看（未留联系方式）", available, counts.get("to_tell", 0))
    yield Figure("opinions.adopted", "转为代表建议", counts.get("adopted", 0), got)
    micro, done = counts.get("micro", 0), counts.get("micro_answered", 0)
    yield Figure("opinions.micro", "交办微实事", micro, got)
    yield Figure("opinions.micro_answered", "微实事已答复", done, micro)
    said = counts.get("micro_solved", 0) + counts.get("micro_unsolved", 0)
    quiet = _out(("群众未评价", done - said))
    yield Figure("opinions.micro_solved", "微实事群众认可", counts.get("micro_solved", 0), said, quiet)
    yield Figure("opinions.reopened", "重新办理", counts.get("reopened", 0), answered)


def residents_marks(counts: Counts) -> Iterator[Figure]:
    rated = counts.get("rated", 0)
    out = _out(("群众未评价", counts.get("to_tell", 0) - rated))
    for mark, name in (("satisfied", "群众满意"), ("basically", "群众基本满意")):
        yield _held_back(f"opinions.{mark}", name, counts.get(mark, 0), rated, out)


PRESENCE = {
    "stations_center": ("中心联络站", "个"),
    "stations_station": ("联络站", "个"),
    "stations_point": ("联络点", "个"),
    "duty_shifts": ("接待排班", "次"),
    "check_ins": ("签到", "次"),
    "check_ins_disputed": ("代表有异议的签到", "次"),
    "receptions": ("接待", "次"),
    "residents_received": ("接待群众", "人次"),
    "visits": ("走访", "次"),
    "voters_met": ("走访见面", "人次"),
}


def presence(counts: Counts) -> Iterator[Figure]:
    for key, (name, unit) in PRESENCE.items():
        yield Figure(f"presence.{key}", name, counts.get(key, 0), unit=unit)
