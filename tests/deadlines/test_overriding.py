"""A county's own rows: over one level or both, checked like a pack's, and part of the version's name."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.deadlines.arithmetic import Period, Unit
from app.deadlines.lines import Kind
from app.deadlines.overriding import Override, OverrideInvalid, mark_of, overridden
from app.deadlines.packs import Approver, Level, RulePack, load_pack

COUNTY, TOWNSHIP = Level.COUNTY, Level.TOWNSHIP
SOURCE = {"article": "《某办法》第三条", "reviewed_by": "县司法局"}


def over(*rows: dict[str, Any], pack: str = "national") -> RulePack:
    return overridden(pack, tuple(Override.model_validate({**SOURCE, **row}) for row in rows))


def test_a_row_for_any_level_changes_each_that_the_pack_has() -> None:
    pack = over({"kind": "reply", "amount": 2, "unit": "months"})

    for level, approver in ((COUNTY, Approver.DEPUTIES_COMMITTEE), (TOWNSHIP, Approver.PRESIDIUM)):
        row = pack.row(Kind.REPLY, level)
        assert (row.period(), row.cited) == (Period(2, Unit.MONTHS), "《某办法》第三条")
        assert row.extension is not None
        assert (row.extension.approver, row.cap()) == (approver, Period(6, Unit.MONTHS))


def test_a_row_for_one_level_leaves_the_other_alone() -> None:
    pack = over({"kind": "review", "level": "township", "amount": 2})

    assert pack.row(Kind.REVIEW, TOWNSHIP).period() == Period(2, Unit.WORKING_DAYS)
    assert pack.row(Kind.REVIEW, COUNTY).period() == Period(3, Unit.WORKING_DAYS)


def test_a_cap_may_be_changed_given_or_taken_away() -> None:
    four, none, given = (
        over({"kind": "reply", "complex": None, "cap": {"amount": 4, "unit": "months"}}),
        over({"kind": "reply", "cap": None}),
        over(
            {
                "kind": "co_opinion",
                "cap": {"amount": 2, "unit": "months"},
                "approver": "congress_office",
            }
        ),
    )

    assert four.row(Kind.REPLY, TOWNSHIP).cap() == Period(4, Unit.MONTHS)
    assert none.row(Kind.REPLY, TOWNSHIP).cap() is None
    extension = given.row(Kind.CO_OPINION, COUNTY).extension
    assert extension is not None
    assert (extension.approver, extension.article) == (Approver.CONGRESS_OFFICE, "《某办法》第三条")


def test_the_reviewer_of_a_row_is_the_rows_own() -> None:
    pack = over({"kind": "review", "amount": 2})

    assert pack.reviewer(pack.row(Kind.REVIEW, TOWNSHIP)) == "县司法局"
    assert pack.reviewer(pack.row(Kind.REPLY, TOWNSHIP)) is None
    assert pack.caution  # the pack itself is as unreviewed as before


def test_any_other_row_gives_another_version_and_the_same_rows_the_same() -> None:
    two, again, four = (over({"kind": "review", "amount": n}) for n in (2, 2, 4))

    assert two.version == again.version
    assert len({two.version, four.version, load_pack("national").version}) == 3


def test_the_mark_names_the_rows() -> None:
    two, four = (Override.model_validate({**SOURCE, "kind": "review", "amount": n}) for n in (2, 4))

    assert mark_of([]) == ""
    assert mark_of([two]) == mark_of([two])
    assert mark_of([two]) != mark_of([four])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kind": "reply", "pause_article": "《某办法》第四条"}, "此类时限不得中止"),
        ({"kind": "first_contact", "pause_article": "practice"}, "中止须有法规条文"),
        ({"kind": "reply", "cap": {"amount": 2, "unit": "months"}}, "延期的上限不能短于期限"),
        ({"kind": "acceptance", "warn_days": 3}, "warn_days 应小于期限"),
        ({"kind": "commitment", "amount": 3, "unit": "months"}, "limit 缺少或多余"),
        ({"kind": "co_opinion", "cap": {"amount": 2, "unit": "months"}}, "approver 只能是"),
    ],
)
def test_a_row_that_a_pack_could_not_have_is_refused_with_its_place(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(OverrideInvalid, match=rf"第 2 条自定规则（{row['kind']}）：{reason}"):
        over({"kind": "review", "amount": 2}, row)


def test_a_row_given_twice_is_refused() -> None:
    with pytest.raises(OverrideInvalid, match=r"第 2 条自定规则（review）：同一时限重复"):
        over({"kind": "review", "amount": 2}, {"kind": "review", "amount": 4})


@pytest.mark.parametrize("missing", ["article", "reviewed_by"])
def test_a_row_without_article_or_reviewer_is_refused(missing: str) -> None:
    row = {"kind": "review", "amount": 2, **SOURCE}
    del row[missing]

    with pytest.raises(ValidationError, match=missing):
        Override.model_validate(row)
