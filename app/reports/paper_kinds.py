"""The papers there are, and whose they are (pure)."""

from enum import StrEnum


class PaperKind(StrEnum):
    REGISTRATION = "registration"  # 登记表
    ASSIGNMENT_LETTER = "assignment_letter"  # 交办函
    RETURN_APPROVAL = "return_approval"  # 退办审批表
    EXTENSION_APPROVAL = "extension_approval"  # 延期审批表
    MEETING_RECORD = "meeting_record"  # 面商记录
    REPLY_LETTER = "reply_letter"  # 答复函
    OPINION_FORM = "opinion_form"  # 征询意见表
    REHANDLING_NOTICE = "rehandling_notice"  # 重办通知
    SUPERVISION_LETTER = "supervision_letter"  # 督办函
    CONFERENCE_MINUTES = "conference_minutes"  # 会商纪要
    FILE_CONTENTS = "file_contents"  # 卷内目录


NAMES = {
    PaperKind.REGISTRATION: "登记表",
    PaperKind.ASSIGNMENT_LETTER: "交办函",
    PaperKind.RETURN_APPROVAL: "退办审批表",
    PaperKind.EXTENSION_APPROVAL: "延期审批表",
    PaperKind.MEETING_RECORD: "面商记录",
    PaperKind.REPLY_LETTER: "答复函",
    PaperKind.OPINION_FORM: "征询意见表",
    PaperKind.REHANDLING_NOTICE: "重新办理通知",
    PaperKind.SUPERVISION_LETTER: "督办函",
    PaperKind.CONFERENCE_MINUTES: "会商纪要",
    PaperKind.FILE_CONTENTS: "卷内目录",
}
# Each shows how a reply was judged, or is the means of judging it.
NOT_FOR_UNITS = frozenset({PaperKind.OPINION_FORM, PaperKind.CONFERENCE_MINUTES, PaperKind.FILE_CONTENTS})
# For the office, the chair and the lead delegate, as evaluations are.
OF_THE_CONGRESS = frozenset({PaperKind.CONFERENCE_MINUTES, PaperKind.FILE_CONTENTS})
# What a unit signs itself.
OF_UNITS = frozenset({PaperKind.MEETING_RECORD, PaperKind.REPLY_LETTER})
