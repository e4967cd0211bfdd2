"""Messages with the replies they got, read into past cases (`import cases`); pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from app.infra.records import Column, Reading, Record, read, without_repeats
from app.infra.sheets import SheetRow
from app.kernel.clock import SHANGHAI, local_date
from app.opinions.sheet import COLUMNS as OPINION_COLUMNS
from app.opinions.sheet import OpinionRow, opinion_of, past_moment

COLUMNS = (
    *OPINION_COLUMNS,
    Column(
        "reply",
        ("答复意见", "答复内容", "回复内容", "回复意见", "答复", "回复", "办理结果", "reply"),
        required=True,
    ),
    Column(
        "replied_at",
        ("答复时间", "回复时间", "答复日期", "回复日期", "办结时间", "reply_time"),
        required=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One message and its reply; both reply fields are None while it waits. `replied_at` is UTC."""

    opinion: OpinionRow
    reply: str | None
    replied_at: datetime | None

    @property
    def number(self) -> int:
        return self.opinion.number


def read_cases(rows: Iterator[SheetRow], *, now: datetime) -> Reading[CaseRow]:
    """Cases from a sheet; times after `now` are refused. Raises SheetUnreadable."""
    reading = read(rows, COLUMNS, lambda record: _case(record, now))
    return without_repeats(
        reading,
        key=lambda case: case.opinion.external_id,
        likeness=lambda case: case.opinion.fingerprint,
        refusal=("external_id", "请核对编号，只留一行"),
    )


def _case(record: Record, now: datetime) -> CaseRow:
    opinion = opinion_of(record, now)
    reply = record.text("reply") or None
    replied_at = past_moment(record, "replied_at", now)
    if reply and not replied_at:
        raise record.refusal("replied_at", "是空的，有答复就要有答复时间，请补上")
    if replied_at and not reply:
        raise record.refusal("reply", "是空的，却有答复时间，请补上答复，或把答复时间也清空")
    if replied_at and replied_at < opinion.received_at:
        replied_at = _on_the_same_day(record, replied_at, opinion.received_at)
    return CaseRow(opinion=opinion, reply=reply, replied_at=replied_at)


def _on_the_same_day(record: Record, replied_at: datetime, received_at: datetime) -> datetime:
    """A reply dated without a time on the day of its message: taken as given at the message's time."""
    undated = replied_at.astimezone(SHANGHAI).time() == time.min
    if not undated or local_date(replied_at) != local_date(received_at):
        raise record.refusal("replied_at", "早于留言时间，请核对这两个时间")
    record.note(
        "replied_at", record.raw("replied_at"), f"{received_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    )
    return received_at
