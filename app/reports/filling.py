"""A Word template filled with facts (pure): the office edits the template in Word, its words stay.

docxtpl's tags. The facts are text and lists of text; what people wrote is escaped, so it can be neither
markup nor a tag. Templates run in a sandbox: an office may put one in place, nobody may run code by it.
"""

import io
from collections.abc import Mapping
from typing import Any
from zipfile import ZipFile

from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST = 20_000_000  # bytes unpacked


class TemplateBroken(ValueError):
    """The template cannot be filled: what is wrong, for whoever edits it."""


def filled(template: bytes, facts: Mapping[str, Any]) -> bytes:
    """The document; blocks. Raises TemplateBroken."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=_text)
    kept = io.BytesIO()
    try:
        _refuse_large(template)
        paper = DocxTemplate(io.BytesIO(template))
        paper.render(dict(facts), environment, autoescape=True)
        paper.save(kept)
    except TemplateError as error:
        raise TemplateBroken(f"模板中的标签有误：{error}") from error
    except Exception as error:  # python-docx and lxml meet a broken file with whatever comes up
        raise TemplateBroken("不是完好的 .docx 文件，或标签拆散了表格、段落") from error
    return kept.getvalue()


def _refuse_large(template: bytes) -> None:
    with ZipFile(io.BytesIO(template)) as parts:
        if sum(part.file_size for part in parts.infolist()) > LARGEST:
            raise TemplateError("文件过大")


def _text(value: object) -> object:
    """Nothing for None."""
    return "" if value is None else value
