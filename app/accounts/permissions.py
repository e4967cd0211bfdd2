"""Roles and what each may do (pure). The matrix is the specification: print it, the office can correct it."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    DELEGATE = "delegate"  # 人大代表
    STATION_KEEPER = "station_keeper"  # 联络站管理员
    CONGRESS_OFFICE = "congress_office"  # 镇人大办、代表工委
    PRESIDIUM_CHAIR = "presidium_chair"  # 人大主席
    GOVERNMENT_OFFICE = "government_office"  # 政府办
    UNIT_OFFICER = "unit_officer"  # 承办单位经办人
    UNIT_HEAD = "unit_head"  # 承办单位负责人
    LEADER = "leader"  # 县人大常委会领导
    SYSADMIN = "sysadmin"  # 系统管理员
    SECADMIN = "secadmin"  # 安全管理员
    AUDITOR = "auditor"  # 审计管理员


# 三员分立 (GB/T 22239-2019 8.1.4.2): one person holds at most one of these, and no office beside it.
SEPARATED = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)


class ScopeKind(StrEnum):
    COUNTY = "county"
    TOWNSHIP = "township"
    UNIT = "unit"
    STATION = "station"
    CONGRESS = "congress"


class Side(StrEnum):
    """On one item a person acts on one side only (回避)."""

    CONGRESS = "congress"
    GOVERNMENT = "government"
    DELEGATE = "delegate"


class Permission(StrEnum):
    ACCOUNT_MANAGE = "account:manage"
    ALERT_READ = "alert:read"
    ATTENDANCE_WRITE = "attendance:write"
    AUDIT_READ = "audit:read"
    CHECKIN_READ = "checkin:read"
    CHECKIN_WRITE = "checkin:write"
    DELIVERY_MANAGE = "delivery:manage"
    DIRECTORY_MANAGE = "directory:manage"
    DIRECTORY_READ = "directory:read"
    OPINION_ADOPT = "opinion:adopt"
    OPINION_ANSWER = "opinion:answer"
    OPINION_DECIDE = "opinion:decide"
    OPINION_HANDLE = "opinion:handle"
    OPINION_READ = "opinion:read"
    OPINION_RECOMMEND = "opinion:recommend"
    OPINION_RECORD = "opinion:record"
    PARTNER_MANAGE = "partner:manage"
    ROTA_WRITE = "rota:write"
    RULES_MANAGE = "rules:manage"
    STATION_MANAGE = "station:manage"
    STATION_READ = "station:read"
    STATISTICS_READ = "statistics:read"
    SUGGESTION_ASSIGN = "suggestion:assign"
    SUGGESTION_CLOSE = "suggestion:close"
    SUGGESTION_DISPATCH = "suggestion:dispatch"
    SUGGESTION_EVALUATE = "suggestion:evaluate"
    SUGGESTION_HANDLE = "suggestion:handle"
    SUGGESTION_ISSUE = "suggestion:issue"
    SUGGESTION_PROPOSE = "suggestion:propose"
    SUGGESTION_READ = "suggestion:read"
    SUGGESTION_REVIEW = "suggestion:review"
    SUGGESTION_SIGN = "suggestion:sign"
    VISIT_READ = "visit:read"
    VISIT_WRITE = "visit:write"


P = Permission
_OFFICE = frozenset(
    {
        P.ALERT_READ,
        P.CHECKIN_READ,
        P.DIRECTORY_MANAGE,
        P.DIRECTORY_READ,
        P.OPINION_ANSWER,
        P.OPINION_DECIDE,
        P.OPINION_READ,
        P.OPINION_RECORD,
        P.ROTA_WRITE,
        P.STATION_MANAGE,
        P.STATION_READ,
        P.STATISTICS_READ,
        P.SUGGESTION_ASSIGN,
        P.SUGGESTION_CLOSE,
        P.SUGGESTION_EVALUATE,  # as the delegate's recorded proxy only
        P.SUGGESTION_PROPOSE,  # as the delegate's recorded proxy only
        P.SUGGESTION_READ,
        P.SUGGESTION_REVIEW,
        P.VISIT_READ,
    }
)
_UNIT = frozenset(
    {
        P.ALERT_READ,
        P.DIRECTORY_READ,
        P.OPINION_HANDLE,
        P.OPINION_READ,
        P.SUGGESTION_HANDLE,
        P.SUGGESTION_READ,
    }
)

MAY: Mapping[Role, frozenset[Permission]] = {
    Role.DELEGATE: frozenset(
        {
            P.ALERT_READ,
            P.CHECKIN_READ,
            P.CHECKIN_WRITE,
            P.DIRECTORY_READ,
            P.OPINION_ADOPT,
            P.OPINION_ANSWER,
            P.OPINION_READ,
            P.OPINION_RECOMMEND,
            P.OPINION_RECORD,
            P.STATION_READ,
            P.SUGGESTION_EVALUATE,
            P.SUGGESTION_PROPOSE,
            P.SUGGESTION_READ,
            P.VISIT_READ,
            P.VISIT_WRITE,
        }
    ),
    Role.STATION_KEEPER: frozenset(
        {
            P.ALERT_READ,
            P.ATTENDANCE_WRITE,
            P.CHECKIN_READ,
            P.DIRECTORY_READ,
            P.OPINION_READ,
            P.OPINION_RECOMMEND,
            P.OPINION_RECORD,
            P.ROTA_WRITE,
            P.STATION_READ,
        }
    ),
    Role.CONGRESS_OFFICE: _OFFICE,
    Role.PRESIDIUM_CHAIR: frozenset(
        {
            P.ALERT_READ,
            P.DIRECTORY_READ,
            P.OPINION_READ,
            P.STATION_READ,
            P.STATISTICS_READ,
            P.SUGGESTION_ASSIGN,
            P.SUGGESTION_READ,
            P.SUGGESTION_REVIEW,
            P.SUGGESTION_SIGN,
            P.VISIT_READ,
        }
    ),
    Role.GOVERNMENT_OFFICE: frozenset(
        {
            P.ALERT_READ,
            P.DIRECTORY_READ,
            P.STATISTICS_READ,
            P.SUGGESTION_DISPATCH,
            P.SUGGESTION_READ,
        }
    ),
    Role.UNIT_OFFICER: _UNIT,
    Role.UNIT_HEAD: _UNIT | {P.SUGGESTION_ISSUE},
    Role.LEADER: frozenset(
        {
            P.ALERT_READ,
            P.DIRECTORY_READ,
            P.OPINION_READ,
            P.STATION_READ,
            P.STATISTICS_READ,
            P.SUGGESTION_READ,
            P.VISIT_READ,
        }
    ),
    Role.SYSADMIN: frozenset({P.ACCOUNT_MANAGE, P.DELIVERY_MANAGE, P.PARTNER_MANAGE}),
    Role.SECADMIN: frozenset({P.RULES_MANAGE}),
    Role.AUDITOR: frozenset({P.AUDIT_READ}),
}
