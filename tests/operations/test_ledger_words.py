"""The words that clerks write in a ledger, and those that are refused rather than guessed."""

import pytest

from app.operations.ledger_words import (
    OF_LETTER,
    OUTCOMES,
    Meeting,
    People,
    Unread,
    mark_of,
    meeting_of,
    outcome_of,
    people_in,
    unit_key,
    units_in,
)
from app.suggestions.models import Mark, Outcome
from app.suggestions.states import Role


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ("A", Outcome.SOLVED),
        ("Ａ", Outcome.SOLVED),
        ("b类", Outcome.PARTLY_SOLVED),
        (" C ", Outcome.PLANNED),
        ("D", Outcome.REFERENCE_ONLY),
        ("已解决", Outcome.SOLVED),
        ("A（已解决）", Outcome.SOLVED),
        ("Ｃ类：列入计划", Outcome.PLANNED),
        ("C 跨年度办理", Outcome.CROSS_YEAR),
        ("暂不具备条件。", Outcome.NOT_FEASIBLE),
        ("留作参考", Outcome.REFERENCE_ONLY),
        ("D类（暂不具备条件）", Outcome.NOT_FEASIBLE),
        ("", None),
        ("—", None),
        ("暂无", None),
    ],
)
def test_letters_and_words_are_legal_outcomes(written: str, outcome: Outcome | None) -> None:
    assert outcome_of(written) is outcome


def test_every_legal_outcome_has_words_and_a_letter() -> None:
    assert set(OUTCOMES.values()) == set(Outcome)
    assert {outcome for some in OF_LETTER.values() for outcome in some} == set(Outcome)


@pytest.mark.parametrize("written", ["E", "正在研究中请稍候", "A 留作参考", "AB", "满意"])
def test_an_outcome_that_may_mean_two_things_is_refused(written: str) -> None:
    with pytest.raises(Unread):
        outcome_of(written)


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        ("满意", Mark.SATISFIED),
        ("非常满意。", Mark.SATISFIED),
        ("基本满意", Mark.BASICALLY),
        ("不 满意", Mark.UNSATISFIED),
        ("未评价", None),
        ("/", None),
        ("", None),
    ],
)
def test_marks(written: str, mark: Mark | None) -> None:
    assert mark_of(written) is mark


def test_an_unknown_mark_is_refused() -> None:
    with pytest.raises(Unread):
        mark_of("还可以")


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("张三", People(("张三",))),
        ("张 三", People(("张三",))),
        ("张三、李四，王五；赵六", People(("张三", "李四", "王五", "赵六"))),
        ("张三 李四", People(("张三", "李四"))),
        ("张三\n李四", People(("张三", "李四"))),
        ("张三等12人", People(("张三",), 12)),
        ("张三、李四等 5 名代表", People(("张三", "李四"), 5)),
        ("张三（领衔）、李四", People(("张三", "李四"))),
        ("领衔：张三 联名：李四", People(("张三", "李四"))),
        ("欧阳建国代表", People(("欧阳建国",))),
        ("阿依古丽．买买提", People(("阿依古丽·买买提",))),
        ("张三、张三", People(("张三",))),
        ("无", People(())),
    ],
)
def test_names_between_whatever_marks(written: str, people: People) -> None:
    assert people_in(written) == people


@pytest.mark.parametrize(
    ("written", "units"),
    [
        ("县水务局", [(None, "县水务局")]),
        ("县水务局、县交通局", [(None, "县水务局"), (None, "县交通局")]),
        ("县水务局（主办）、县交通局(会办)", [(Role.LEAD, "县水务局"), (Role.CO, "县交通局")]),
        (
            "主办：县水务局 会办：县交通局，县教育局",
            [(Role.LEAD, "县水务局"), (Role.CO, "县交通局"), (Role.CO, "县教育局")],
        ),
        ("分别办理：甲局、乙局", [(Role.SEPARATE, "甲局"), (Role.SEPARATE, "乙局")]),
        ("县政府办（县外事办）", [(None, "县政府办(县外事办)")]),
        ("无", []),
    ],
)
def test_units_with_the_roles_written_beside_them(written: str, units: list[tuple[Role | None, str]]) -> None:
    assert units_in(written) == units


def test_spellings_of_one_unit_share_a_key_and_two_units_do_not() -> None:
    alike = {unit_key(name, "示例县") for name in ("示例县水务局", "县水务局", "水务局", "县 水务局")}
    assert len(alike) == 1
    assert unit_key("县人民政府办公室", "示例县") == unit_key("县政府办", "示例县")
    assert unit_key("甲镇人民政府", "示例县") != unit_key("乙镇人民政府", "示例县")


@pytest.mark.parametrize(
    ("written", "meeting"),
    [
        ("", Meeting(in_session=False)),
        ("闭会", Meeting(in_session=False)),
        ("第十八届闭会期间", Meeting(in_session=False, term=18)),
        ("十八届三次会议", Meeting(in_session=True, term=18, number=3)),
        ("第18届人民代表大会第3次会议", Meeting(in_session=True, term=18, number=3)),
        ("会议期间", Meeting(in_session=True)),
    ],
)
def test_where_it_was_raised(written: str, meeting: Meeting) -> None:
    assert meeting_of(written) == meeting


def test_a_meeting_nobody_understands_is_refused() -> None:
    with pytest.raises(Unread):
        meeting_of("常规")
