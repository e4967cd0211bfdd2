"""States and acts of a suggestion and of its assignments, named as the contract names them (pure)."""

from enum import StrEnum


class State(StrEnum):
    """A suggestion's state, as the contract names it."""

    DRAFT = "draft"  # S0 草稿
    COSIGNING = "cosigning"  # S1 待联名确认
    SUBMITTED = "submitted"  # S2 待审核
    ACCEPTED = "accepted"  # S3 待交办
    ASSIGNED = "assigned"  # S4 已交办
    RETURN_REQUESTED = "return_requested"  # S4r 退办审批
    HANDLING = "handling"  # S5 办理中
    REPLY_DRAFTED = "reply_drafted"  # S6 待签发
    REPLIED = "replied"  # S7 已答复
    REJECTED = "rejected"  # S7u 不满意审查
    CONFERENCE = "conference"  # S7c 会商
    COMMITTED = "committed"  # S8 承诺跟踪
    CLOSED = "closed"  # S9 办结
    ARCHIVED = "archived"  # S10 归档公开
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    MERGED = "merged"


class AssignmentState(StrEnum):
    """Where one unit's duty stands. From `replied` on the next four all read `replied` outside."""

    PENDING = "pending"  # 待签收
    ACCEPTED = "accepted"  # 会办已签收
    RETURN_REQUESTED = "return_requested"
    RETURNED = "returned"
    HANDLING = "handling"
    REPLY_DRAFTED = "reply_drafted"
    REPLIED = "replied"
    REJECTED = "rejected"
    CONFERENCE = "conference"
    COMMITTED = "committed"
    SETTLED = "settled"  # 评价已了结
    OPINION_GIVEN = "opinion_given"  # a co-unit's opinion to the lead
    ENDED = "ended"  # withdrawn, or the matter went elsewhere, while the unit still owed something


class Role(StrEnum):
    LEAD = "lead"  # 主办
    CO = "co"  # 会办
    SEPARATE = "separate"  # 分别办理


class Act(StrEnum):
    """Acts named like their paths; where a decision branches, each way is an act."""

    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    SUBMIT = "submission"
    COSIGN = "cosignature"
    REMOVE_COSIGNER = "cosigner-removal"
    COSIGNED = "cosigning-done"
    SECOND = "seconding"
    ACCEPT_FOR_HANDLING = "review.accept"
    SEND_BACK = "review.send_back"
    TRANSFER = "review.transfer"
    MERGE = "review.merge"
    UNMERGE = "unmerge"
    ELEVATE = "elevation"
    ASSIGN = "assignment"
    ADD_UNITS = "assignment.added"
    DISPATCH = "dispatch"
    ACCEPT = "acceptance"
    REQUEST_RETURN = "return-request"
    AGREE_RETURN = "return-decision.agree"
    REFUSE_RETURN = "return-decision.refuse"
    REQUEST_EXTENSION = "extension-request"
    DECIDE_EXTENSION = "extension-decision"
    CONTACT = "contacts"
    CO_OPINION = "co-opinion"
    ACCEPT_CO_OPINION = "co-opinion-decision.accept"
    REDO_CO_OPINION = "co-opinion-decision.redo"
    DRAFT_REPLY = "reply-draft"
    RETURN_REPLY = "reply-return"
    ISSUE = "reply"
    EVALUATE = "evaluation"
    REMIND = "evaluation.reminder"
    LAPSE = "evaluation.silent"
    REHANDLE = "rejection-decision.rehandle"
    STAND = "rejection-decision.stand"
    CALL_CONFERENCE = "rejection-decision.conference"
    NEW_PLAN = "conference-record.new_plan"
    CONFERENCE_CLOSED = "conference-record.closed"
    FULFIL = "fulfilment"
    SLIP = "slip"
    CONFIRM_KEPT = "confirmation"
    CLEAR = "clearance"
    FURTHER_REPLY = "further-reply"
    SUPERVISE = "supervisions"
    FEEDBACK = "feedback"
    DESIGNATE_KEY = "key-designation"
    SUCCEED_LEAD = "lead-succession"
    ASK_WITHDRAWAL = "withdrawal"
    CONSENT_WITHDRAWAL = "withdrawal-consent"
    TALK_OF_WITHDRAWAL = "withdrawal-talk"
    WITHDRAW = "withdrawal.done"
    CLOSE = "closure"
    REOPEN = "reopening"
    PREPARE_PUBLICATION = "publication"
    APPROVE_PUBLICATION = "publication-approval"
