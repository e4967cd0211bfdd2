"""A Word template filled with facts (pure): the office edits the template in Word, its words stay.

Tags as docxtpl has them: `{{ fact }}` anywhere; `{%tr for row in rows %}` … `{%tr endfor %}` in rows of
their own repeat table rows, `{%p if fact %}` … `{%p endif %}` in paragraphs of their own leave out
paragraphs. The facts are text and lists of text; what people wrote is escaped, so it can neither be
markup nor a tag. Templates run in a sandbox: an office may upload one, nobody may run code by it.
"""

import io
import re
from collections.abc import Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILLED = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
LARGEST = 20_000_000  # bytes unpacked

# Word cuts a tag into runs wherever the cursor once stood: what stands between its braces is put together.
CUT_OPEN = re.compile(r"\{(?:<[^>]*>)+(?=[{%])")
CUT_CLOSE = re.compile(r"(?<=[}%])(?:<[^>]*>)+\}")
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
MARKUP = re.compile(r"<[^>]*>")
ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?\{%tr (.*?)%\}.*?</w:tr>", re.DOTALL)
PARAGRAPH = re.compile(r"<w:p[ >](?:(?!<w:p[ >]).)*?\{%p (.*?)%\}.*?</w:p>", re.DOTALL)
BREAK = Markup('</w:t><w:br/><w:t xml:space="preserve">')


class TemplateBroken(ValueError):
    """The template cannot be filled: what and where, for whoever edits it."""


def filled(template: bytes, facts: Mapping[str, Any]) -> bytes:
    """The document. Raises TemplateBroken."""
    kept = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(template)) as source, ZipFile(kept, "w", ZIP_DEFLATED) as target:
            if sum(part.file_size for part in source.infolist()) > LARGEST:
                raise TemplateBroken("模板过大")
            for part in source.infolist():
                content = source.read(part)
                if FILLED.fullmatch(part.filename):
                    content = _rendered(content.decode(), facts).encode()
                target.writestr(part.filename, content)
    except (BadZipFile, UnicodeDecodeError) as error:
        raise TemplateBroken("不是 .docx 文件") from error
    return kept.getvalue()


def _rendered(xml: str, facts: Mapping[str, Any]) -> str:
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_text)
    try:
        return environment.from_string(_mended(xml)).render(facts)
    except TemplateError as error:
        raise TemplateBroken(f"模板中的标签有误：{error}") from error


def _mended(xml: str) -> str:
    xml = CUT_CLOSE.sub("}", CUT_OPEN.sub("{", xml))
    xml = TAG.sub(lambda tag: MARKUP.sub("", tag.group()), xml)
    xml = ROW.sub(lambda row: "{% " + row.group(1) + "%}", xml)
    return PARAGRAPH.sub(lambda paragraph: "{% " + paragraph.group(1) + "%}", xml)


def _text(value: object) -> object:
    """Nothing for None; line ends as Word's own."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup) and "\n" in value:
        return BREAK.join(escape(line) for line in value.split("\n"))
    return value
