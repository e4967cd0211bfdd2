"""What places decide besides the numbers: stated with a source, or taken from the national pack."""

import pytest

from app.deadlines.packs import load_pack, parse_pack, read_pack
from app.deadlines.policies import (
    OUTCOMES,
    JointAnswer,
    LateWithdrawal,
    Policies,
    ReassignmentClock,
    ReplyForm,
    SecondRejection,
    WithdrawalUntil,
)
from app.deadlines.rulepacks import PackInvalid, pack_names
from app.suggestions.models import Outcome

SELECTABLE = [name for name in pack_names() if read_pack(name).selectable]
TEXT = """\
name: somewhere
title: 某地
selectable: true
based_on: national
policies:
  second_rejection: conference
  sources:
    second_rejection: 《某条例》第一条
rows: []
"""


def test_the_national_pack_states_every_choice() -> None:
    stated = load_pack("national").policies.model_fields_set - {"sources"}

    assert stated == set(Policies.model_fields) - {"sources"}


@pytest.mark.parametrize("name", SELECTABLE)
def test_every_choice_of_every_pack_has_its_source(name: str) -> None:
    policies = load_pack(name).policies

    assert set(policies.sources) == set(Policies.model_fields) - {"sources"}
    assert policies.reassignment_clock is ReassignmentClock.RESET
    assert policies.second_rejection is SecondRejection.CONFERENCE
    assert policies.silent_evaluation_counts is False


def test_what_the_places_say_otherwise() -> None:
    beijing, qingdao, shandong, henan, shanghai = (
        load_pack(name).policies for name in ("beijing", "qingdao", "shandong", "henan", "shanghai")
    )

    assert (beijing.withdrawal_until, beijing.late_withdrawal) == (
        WithdrawalUntil.ASSIGNMENT,
        LateWithdrawal.REFUSED,
    )
    assert beijing.source("late_withdrawal") == "《北京市人民代表大会代表建议、批评和意见办理条例》第十三条"
    assert qingdao.joint_answer_to is JointAnswer.LEAD
    assert shandong.reply_form is ReplyForm.FACE_TO_FACE
    assert henan.conference_experts
    assert shanghai.source("withdrawal_needs_all_cosigners").endswith("第十条")


def test_a_reply_stands_without_consent_only_where_an_article_says_so() -> None:
    with_article = {name for name in SELECTABLE if load_pack(name).policies.reply_stands_article}

    assert with_article == {"qingdao"}


def test_letters_cover_every_outcome_or_there_are_none() -> None:
    assert set(OUTCOMES) == {outcome.value for outcome in Outcome}
    national, zhejiang, chongqing = (
        load_pack(name).policies for name in ("national", "zhejiang", "chongqing")
    )

    assert "".join(str(national.letter(outcome)) for outcome in OUTCOMES) == "ABCCDDD"
    assert "".join(str(zhejiang.letter(outcome)) for outcome in OUTCOMES) == "ABBBCCC"
    assert {chongqing.letter(outcome) for outcome in OUTCOMES} == {None}


def test_what_a_pack_does_not_state_is_as_in_the_pack_beneath() -> None:
    policies = parse_pack(TEXT, source="somewhere.yaml").policies

    assert policies.letters == load_pack("national").policies.letters
    assert policies.source("second_rejection") == "《某条例》第一条"
    assert policies.source("letters") == "工作惯例（法规未规定）"


def test_another_policy_gives_another_version() -> None:
    other = TEXT.replace("《某条例》第一条", "《某条例》第二条")

    assert parse_pack(TEXT, source="a.yaml").version != parse_pack(other, source="a.yaml").version


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        (
            "    second_rejection: 《某条例》第一条\n",
            "    letters: practice\n",
            6,
            "sources 缺少 second_rejection",
        ),
        (
            "    second_rejection: 《",
            "    letters: practice\n    second_rejection: 《",
            6,
            "sources 里的 letters",
        ),
        ("second_rejection: conference", "second_rejection: closure", 6, "second_rejection 只能是"),
        ("second_rejection: conference", "letters: {solved: A}", 6, "sources 缺少 letters"),
        ("  second_rejection: conference\n", "  sekond: x\n", 6, "不认识的字段 sekond"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    assert old in TEXT
    with pytest.raises(PackInvalid) as refused:
        parse_pack(TEXT.replace(old, new, 1), source="wrong.yaml")

    assert refused.value.facts["line"] == line
    assert refused.value.facts["reason"].startswith(reason)


@pytest.mark.parametrize(
    ("letters", "reason"),
    [("{solved: A}", "letters 缺少办理结果 partly_solved"), ("{done: A}", "letters 不认识办理结果 done")],
)
def test_letters_for_some_outcomes_or_for_unknown_ones_are_refused(letters: str, reason: str) -> None:
    text = TEXT.replace("  sources:\n", f"  letters: {letters}\n  sources:\n    letters: practice\n")

    with pytest.raises(PackInvalid, match=reason):
        parse_pack(text, source="wrong.yaml")
