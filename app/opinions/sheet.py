"""Residents' messages as other systems export them, read into opinions (留言导入); pure.

In imports NUL and C0 characters, but for tab and newline, are taken out and reported; the interfaces
refuse them. Everything else of a text stays, whatever its length.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from app.infra.records import Column, Reading, Record, read, without_repeats
from app.infra.sheets import SheetRow

# 序号 is no identity: it numbers the rows of one export.
COLUMNS = (
    Column(
        "external_id",
        ("留言编号", "信件编号", "工单编号", "工单号", "诉求编号", "意见编号", "编号", "msg_no", "id"),
    ),
    Column("author", ("留言用户", "留言人", "网友", "用户", "用户名", "来信人", "反映人", "user")),
    Column("title", ("留言主题", "主题", "留言标题", "标题", "title")),
    Column(
        "content",
        ("留言详情", "留言内容", "内容", "详情", "诉求内容", "反映内容", "意见内容", "正文", "content"),
        required=True,
    ),
    Column(
        "received_at",
        ("留言时间", "留言日期", "来信时间", "反映时间", "提交时间", "发布时间", "受理时间", "时间", "time"),
        required=True,
    ),
    Column("category", ("一级分类", "一级标签", "分类", "类别", "诉求类别", "category")),
    Column("likes", ("点赞数", "点赞", "赞成数", "支持数", "likes")),
    Column("dislikes", ("反对数", "点踩数", "dislikes")),
)


@dataclass(frozen=True, kw_only=True)
class OpinionRow:
    """One message. `received_at` is UTC; `external_id` makes a second import add nothing."""

    number: int = field(compare=False)
    external_id: str
    author: str | None
    title: str | None
    content: str
    received_at: datetime
    category: str | None
    likes: int | None
    dislikes: int | None

    @property
    def fingerprint(self) -> str:
        """The same for the same message in whatever file, encoding, spacing or time format."""
        texts = (self.author, self.title, self.content, self.received_at.isoformat())
        return content_hash(*(text or "" for text in texts))


def read_opinions(rows: Iterator[SheetRow], *, now: datetime) -> Reading[OpinionRow]:
    """Messages from a sheet; one dated after `now` is refused. Raises SheetUnreadable."""
    reading = read(rows, COLUMNS, lambda record: opinion_of(record, now))
    return without_repeats(
        reading,
        key=lambda row: row.external_id,
        likeness=lambda row: row.fingerprint,
        refusal=("external_id", "请核对编号，只留一行"),
    )


def opinion_of(record: Record, now: datetime) -> OpinionRow:
    """The message of one record. Raises CellRefused."""
    content = record.text("content")
    if not content:
        raise record.refusal("content", "是空的，请补上内容，或删去这一行")
    received_at = past_moment(record, "received_at", now)
    if not received_at:
        raise record.refusal("received_at", "是空的，请补上时间，如 2018-11-05 9:07:23")
    opinion = OpinionRow(
        number=record.number,
        external_id=record.word("external_id"),
        author=record.word("author") or None,
        title=record.text("title") or None,
        content=content,
        received_at=received_at,
        category=record.word("category") or None,
        likes=_count(record, "likes"),
        dislikes=_count(record, "dislikes"),
    )
    return opinion if opinion.external_id else replace(opinion, external_id=opinion.fingerprint)


def past_moment(record: Record, field: str, now: datetime) -> datetime | None:
    """The instant in a cell, None if blank. Raises CellRefused, also if it is still to come."""
    at = record.moment(field)
    if at and at > now:
        raise record.refusal(field, "晚于现在，请核对日期")
    return at


def _count(record: Record, field: str) -> int | None:
    word = record.word(field)
    if word and not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise record.refusal(field, "不是一个数，请改成整数，不知道就留空")
    return int(word) if word else None


def content_hash(*texts: str) -> str:
    """An identity for a message that came without one; blanks don't count."""
    bare = "\0".join("".join(text.split()) for text in texts)
    return f"sha256-{sha256(bare.encode()).hexdigest()}"
