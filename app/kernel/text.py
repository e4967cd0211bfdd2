"""What people write, accepted as they wrote it; pure.

Emoji, rare characters of names and combined signs stay as they are. Refused is only what no
paper, table or terminal could carry: control characters, halves of characters (unpaired
surrogates) and the two code points that are no characters and that XML forbids. A limit counts
code points, as PostgreSQL's `char_length` does, after outer white space is gone.
"""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.kernel.errors import Invalid

# C0 but tab and line feed, DEL, C1; halves of characters; non-characters.
UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
LINE_BREAK = re.compile("[\n\u2028\u2029]")


class TextUnusable(Invalid):
    code = "text-unusable"


class TextTooLong(Invalid):
    code = "text-too-long"


class TextMissing(Invalid):
    code = "text-missing"


def clean_text(value: str, limit: int) -> str:
    """The text with line ends as line feeds and without outer white space.

    Raises TextUnusable, TextTooLong (more than `limit` code points).
    """
    text = value.replace("\r\n", "\n")
    unusable = UNUSABLE.search(text)
    if unusable:
        raise TextUnusable(
            f"第 {unusable.start() + 1} 个字是无法保存的特殊符号，请删去或重新输入后再提交",
            position=unusable.start() + 1,
        )
    text = text.strip()
    if len(text) > limit:
        raise TextTooLong(
            f"最多 {limit} 字，现有 {len(text)} 字，请删减后再提交", limit=limit, length=len(text)
        )
    return text


def clean_line(value: str, limit: int) -> str:
    """As `clean_text`, and one line: also raises TextUnusable for a line break within."""
    line = clean_text(value, limit)
    if LINE_BREAK.search(line):
        raise TextUnusable("这一栏只能写一行，请去掉换行后再提交")
    return line


@dataclass(frozen=True)
class Text:
    """`Annotated[str, Text(2000)]` in a schema: cleaned; not blank unless `blank` is allowed."""

    limit: int
    blank: bool = False

    _lines: ClassVar[bool] = True

    def clean(self, value: str) -> str:
        text = (clean_text if self._lines else clean_line)(value, self.limit)
        if not text and not self.blank:
            raise TextMissing("这一栏不能为空，请填写后再提交")
        return text

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._validated, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        lengths = {"maxLength": self.limit} | ({} if self.blank else {"minLength": 1})
        return handler(schema) | lengths

    def _validated(self, value: object) -> object:
        """Other types are for pydantic's own rules to refuse."""
        if not isinstance(value, str):
            return value
        try:
            return self.clean(value)
        except Invalid as refusal:
            raise PydanticCustomError(
                refusal.code, "{detail}", {"detail": refusal.detail, **refusal.facts}
            ) from refusal


@dataclass(frozen=True)
class Line(Text):
    """`Annotated[str, Line(80)]`: as `Text`, on one line."""

    _lines: ClassVar[bool] = False
