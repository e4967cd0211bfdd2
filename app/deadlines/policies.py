"""What a place decides besides the numbers of its clocks: each choice with its source. Pure.

The defaults are the cautious ones; the national pack states every one of them, another pack only what
its own rules say otherwise.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PRACTICE = "practice"
PRACTICE_WORDS = "工作惯例（法规未规定）"

# The legal outcomes of a reply (办理结果), as suggestions store them; a letter is derived per place.
OUTCOMES = (
    "solved",
    "partly_solved",
    "planned",
    "cross_year",
    "referred_up",
    "not_feasible",
    "reference_only",
)


class ReassignmentClock(StrEnum):
    """After a return was agreed to and another unit is charged."""

    RESET = "reset"  # 重新交办，重新起算
    KEEP = "keep"  # 沿用原来的起算日


class WithdrawalUntil(StrEnum):
    """Until when a delegate may withdraw by himself."""

    ASSIGNMENT = "assignment"  # 交办前
    REPLY = "reply"  # 答复前
    CLOSURE = "closure"  # 办结前


class LateWithdrawal(StrEnum):
    """After that."""

    OFFICE_TALK = "office_talk"  # 人大办先与代表单独谈话
    REFUSED = "refused"  # 不再撤回


class SecondRejection(StrEnum):
    """What follows the second 不满意."""

    CONFERENCE = "conference"  # 会商


class JointAnswer(StrEnum):
    """To whom the reply to a joint suggestion (联名) goes."""

    EACH = "each"  # 分别答复每位代表
    LEAD = "lead"  # 答复领衔代表，由其转告
    EACH_OR_LEAD = "each_or_lead"


class ReplyForm(StrEnum):
    LETTER = "letter"  # 书面
    FACE_TO_FACE = "face_to_face"  # 当面答复并有书面


class Publication(StrEnum):
    """Whether suggestion and reply are public."""

    BY_DECISION = "by_decision"  # 逐件决定
    USUAL = "usual"  # 除依法不公开的以外公开


class Policies(BaseModel):
    """`sources`: for each choice stated in the pack, the article, or `practice`.

    `reply_stands_article`: the article by which the presidium may let a reply stand after 不满意 without
    the delegate's signed consent; None: only with it. `letters`: outcome → A-D; none where the rules of
    the place name outcomes without letters. `co_opinion_redo_days`: working days. `proxy_objection_days`:
    calendar days. `conference_experts`: experts assess at the conference.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reassignment_clock: ReassignmentClock = ReassignmentClock.RESET
    reply_stands_article: str | None = Field(default=None, min_length=1)
    withdrawal_until: WithdrawalUntil = WithdrawalUntil.ASSIGNMENT
    late_withdrawal: LateWithdrawal = LateWithdrawal.OFFICE_TALK
    withdrawal_needs_all_cosigners: bool = True
    second_rejection: SecondRejection = SecondRejection.CONFERENCE
    conference_experts: bool = False
    letters: Mapping[str, str] = Field(default_factory=dict)
    joint_answer_to: JointAnswer = JointAnswer.EACH
    reply_form: ReplyForm = ReplyForm.LETTER
    evaluation_reminders: int = Field(default=1, ge=0, le=3)
    silent_evaluation_counts: bool = False
    co_opinion_redo_days: int = Field(default=5, ge=1, le=60)
    proxy_objection_days: int = Field(default=7, ge=1, le=60)
    publication: Publication = Publication.BY_DECISION
    delegate_may_refuse_publication: bool = True
    sources: Mapping[str, str] = Field(default_factory=dict)

    def letter(self, outcome: str) -> str | None:
        """The mark at the top right of a reply (办理结果 A-D); None: the place uses no letters."""
        return self.letters.get(outcome)

    def source(self, policy: str) -> str:
        """Where a choice comes from, as people read it."""
        given = self.sources.get(policy, PRACTICE)
        return PRACTICE_WORDS if given == PRACTICE else given

    def over(self, base: "Policies") -> "Policies":
        """These choices where they are stated, `base` where they are not."""
        stated = {name: getattr(self, name) for name in self.model_fields_set - {"sources"}}
        return base.model_copy(update={**stated, "sources": {**base.sources, **self.sources}})

    @model_validator(mode="after")
    def _is_sourced(self) -> Self:
        stated = self.model_fields_set - {"sources"}
        if unsourced := sorted(stated - self.sources.keys()):
            raise ValueError(f"sources 缺少 {unsourced[0]} 的依据（法规条文或 practice）")
        if needless := sorted(self.sources.keys() - stated):
            raise ValueError(f"sources 里的 {needless[0]} 没有对应的规定")
        if unknown := sorted(self.letters.keys() - set(OUTCOMES)):
            raise ValueError(f"letters 不认识办理结果 {unknown[0]}")
        if self.letters and (missing := [o for o in OUTCOMES if o not in self.letters]):
            raise ValueError(f"letters 缺少办理结果 {missing[0]}")
        return self
