"""A second opinion on the workflow: states, clocks and due dates, written from the office's own words.

It imports nothing of the product; working days of announced years come from the `chinese_calendar`
library, one day at a time, as in tests/deadlines/oracle.py.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cache

from tests.deadlines import oracle as day_by_day

ONE = timedelta(1)
CHINA = timezone(timedelta(hours=8))

RUNNING = "assigned return_requested handling reply_drafted replied"
JUDGED = "rejected conference committed"
ANSWERED = "replied rejected conference committed settled"
OPEN_TO_WITHDRAWAL = f"cosigning submitted accepted {RUNNING}"

# act: states in which the table has it
ON_SUGGESTION = {
    "edit": "draft",
    "delete": "draft",
    "submission": "draft",
    "cosigner-removal": "draft cosigning",
    "cosignature": "cosigning",
    "cosigning-done": "cosigning",
    "seconding": f"submitted accepted {RUNNING} {JUDGED}",
    "review.accept": "submitted",
    "review.send_back": "submitted",
    "review.transfer": "submitted",
    "review.merge": "submitted",
    "unmerge": "merged",
    "elevation": "accepted",
    "assignment": "accepted",
    "assignment.added": RUNNING,
    "supervisions": f"{RUNNING} {JUDGED}",
    "feedback": f"{RUNNING} {JUDGED} closed",
    "key-designation": f"accepted {RUNNING} {JUDGED}",
    "lead-succession": f"submitted accepted {RUNNING} {JUDGED}",
    "withdrawal": OPEN_TO_WITHDRAWAL,
    "withdrawal-consent": OPEN_TO_WITHDRAWAL,
    "withdrawal-talk": RUNNING,
    "withdrawal.done": OPEN_TO_WITHDRAWAL,
    "closure": "committed",
    "reopening": "closed",
    "publication": "closed",
    "publication-approval": "closed",
}
ON_ANSWERING = {
    "dispatch": "pending",
    "acceptance": "pending",
    "return-request": "pending handling",
    "return-decision.agree": "return_requested",
    "return-decision.refuse": "return_requested",
    "contacts": "handling reply_drafted",
    "extension-request": "handling reply_drafted",
    "extension-decision": "handling reply_drafted",
    "reply-draft": "handling",
    "reply-return": "reply_drafted",
    "reply": "reply_drafted",
    "evaluation": "replied",
    "evaluation.reminder": "replied",
    "evaluation.silent": "replied",
    "rejection-decision.rehandle": "rejected",
    "rejection-decision.stand": "rejected",
    "rejection-decision.conference": "rejected",
    "conference-record.new_plan": "conference",
    "conference-record.closed": "conference",
    "fulfilment": ANSWERED,
    "slip": ANSWERED,
    "confirmation": "replied rejected conference committed",
    "clearance": "replied rejected conference committed",
    "further-reply": ANSWERED,
    "closure": "committed",
    "reopening": "settled",
}
ON_CO = {
    "acceptance": "pending",
    "return-request": "pending accepted",
    "return-decision.agree": "return_requested",
    "return-decision.refuse": "return_requested",
    "co-opinion": "accepted",
    "co-opinion-decision.accept": "opinion_given",
    "co-opinion-decision.redo": "opinion_given",
}
# A settled reply has no open promise, but the unit may not learn from the table that it is settled.
NEVER_ALLOWED = {("answering", "settled", "fulfilment"), ("answering", "settled", "slip")}

# state: clocks it opens / may keep
ON_RECEIPT = ("review acceptance_notice withdrawal_window", "")
CLOCKS = {
    "suggestion": {"submitted": ON_RECEIPT, "accepted": ("assignment", "withdrawal_window")},
    "answering": {
        "pending": ("acceptance reply", "return_window first_contact"),
        "return_requested": ("return_decision reply", "first_contact"),
        "handling": ("reply", "return_window first_contact"),
        "reply_drafted": ("reply", "first_contact"),
        "replied": ("evaluation", ""),
        "rejected": ("rejection_decision", ""),
        "conference": ("conference", ""),
    },
    "co": {
        "pending": ("acceptance co_opinion", "return_window"),
        "return_requested": ("return_decision co_opinion", ""),
        "accepted": ("co_opinion", "return_window"),
    },
}
AT_ASSIGNMENT = {"answering": "return_window first_contact", "co": "return_window"}
WINDOWS = {"withdrawal_window", "return_window", "evaluation"}

# What an act fulfils: the clocks that it stops are met, all others that end are cancelled.
FULFILS = {
    "review.accept": "review acceptance_notice",
    "review.send_back": "review acceptance_notice",
    "review.transfer": "review acceptance_notice",
    "review.merge": "review acceptance_notice",
    "assignment": "assignment",
    "withdrawal.done": "withdrawal_window",
    "acceptance": "acceptance",
    "return-request": "return_window",
    "return-decision.agree": "return_decision",
    "return-decision.refuse": "return_decision",
    "contacts": "first_contact",
    "co-opinion": "co_opinion",
    "extension-decision": "extension_decision",
    "reply": "reply rehandling_reply",
    "evaluation": "evaluation",
    "rejection-decision.rehandle": "rejection_decision",
    "rejection-decision.stand": "rejection_decision",
    "rejection-decision.conference": "rejection_decision",
    "conference-record.new_plan": "conference",
    "conference-record.closed": "conference",
    "fulfilment": "commitment",
}

# The national pack for a township: 代表法 §51 for the reply, the usual practice for the others.
NATIONAL: Mapping[str, tuple[int, str]] = {
    "review": (3, "working_days"),
    "acceptance_notice": (7, "calendar_days"),
    "withdrawal_window": (10, "working_days"),
    "assignment": (10, "working_days"),
    "acceptance": (3, "working_days"),
    "return_window": (5, "working_days"),
    "return_decision": (10, "working_days"),
    "first_contact": (20, "working_days"),
    "co_opinion": (1, "months"),
    "extension_decision": (5, "working_days"),
    "reply": (3, "months"),
    "rehandling_reply": (1, "months"),
    "evaluation": (15, "working_days"),
    "rejection_decision": (5, "working_days"),
    "conference": (1, "months"),
}
COMPLEX = (6, "months")
LONGEST_REPLY = (6, "months")
KINDS = frozenset(NATIONAL) | {"commitment"}
AFTER_REMINDER = 5  # working days

LEAST_ADVANCED_FIRST = (
    ("return_requested", "return_requested"),
    ("pending", "assigned"),
    ("handling", "handling"),
    ("reply_drafted", "reply_drafted"),
    ("rejected", "rejected"),
    ("conference", "conference"),
    ("replied", "replied"),
    ("committed", "committed"),
    ("settled", "closed"),
)


def level_of(role: str) -> str:
    return "co" if role == "co" else "answering"


def edges() -> set[tuple[str, str, str]]:
    """(level, state, act) of the whole table."""
    levels = (("suggestion", ON_SUGGESTION), ("answering", ON_ANSWERING), ("co", ON_CO))
    return {
        (level, state, act)
        for level, table in levels
        for act, states in table.items()
        for state in states.split()
    }


EDGES = frozenset(edges())


def has(level: str, state: str, act: str) -> bool:
    return (level, state, act) in EDGES


def clocks(level: str, state: str, round: int) -> tuple[set[str], set[str]]:
    """Those the state opens, those it may keep; from round 2 on one answers on the re-handling clock."""
    opened, kept = CLOCKS[level].get(state, ("", ""))
    if round > 1 and level == "answering":
        opened = " ".join("rehandling_reply" if kind == "reply" else kind for kind in opened.split())
    return set(opened.split()), set(kept.split())


def state_of(standing: Iterable[tuple[str, str]]) -> str:
    """A suggestion whose assignments stand like this, as (role, state)."""
    states = {state for role, state in standing if role != "co"}
    return next((shown for state, shown in LEAST_ADVANCED_FIRST if state in states), "accepted")


@cache
def _library(day: date) -> bool:
    return day_by_day.worked(day)


@dataclass
class Calendar:
    """`announced`: the days of each later year that their weekday does not explain."""

    known_through: int = 2026
    announced: dict[int, dict[date, bool]] = field(default_factory=dict)

    def worked(self, day: date) -> bool:
        if day.year <= self.known_through:
            return _library(day)
        weekday = day.isoweekday() <= 5
        if day.year in self.announced:
            return self.announced[day.year].get(day, weekday)
        return weekday and (day.month, day.day) not in {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}

    def roll(self, day: date) -> date:
        while not self.worked(day):
            day = day + ONE
        return day

    def last_day(self, start: date, amount: int, unit: str, *, rested: Collection[date] = ()) -> date:
        """Count day by day; the first is not counted, a last day of rest moves on. `rested`: paused days."""
        if unit == "months":
            day, turns = start, 0
            while turns < amount or not day_by_day.is_anniversary(start, day):
                day = day + ONE
                turns = turns + (day.day == 1)
            return self.roll(day)
        day, seen = start, 0
        while seen != amount:
            day = day + ONE
            counts = unit == "calendar_days" or self.worked(day)
            seen = seen + (counts and day not in rested)
        return self.roll(day)


def over_at(last_day: date) -> datetime:
    """24:00 of that day in China."""
    return datetime.combine(last_day + ONE, time(), CHINA)


def today(now: datetime) -> date:
    return now.astimezone(CHINA).date()
