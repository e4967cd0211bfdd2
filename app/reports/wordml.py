"""Paragraphs and tables as a Word file (pure): WordprocessingML (ECMA-376), no more than a form needs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape
from zipfile import ZIP_STORED, ZipFile, ZipInfo

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WIDTH = 8845  # twentieths of a point: A4 less the margins of GB/T 9704 (28 and 26 mm)
FIXED = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Line:
    """A paragraph. `size` in half points; `align` left, center or right."""

    text: str
    size: int = 32
    align: str = "left"
    bold: bool = False
    indent: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells; `widths` are shares. A row of one cell that begins with {%tr is a tag's own row."""

    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


Block = Line | Table


def blank(blocks: Sequence[Block]) -> bytes:
    """The .docx of one template."""
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": _document(blocks),
    }
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_STORED) as package:
        for name, content in parts.items():
            entry = ZipInfo(name, FIXED)
            entry.create_system = 3
            package.writestr(entry, content.encode())
    return kept.getvalue()


DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
CONTENT_TYPES = (
    f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
PAGE = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" '
    'w:left="1587" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr>'
)


def _document(blocks: Sequence[Block]) -> str:
    content = "".join(_table(block) if isinstance(block, Table) else _line(block) for block in blocks)
    return f'{DECLARATION}<w:document xmlns:w="{NAMESPACE}"><w:body>{content}{PAGE}</w:body></w:document>'


def _line(line: Line) -> str:
    indent = f'<w:ind w:firstLine="{line.size * 20}"/>' if line.indent else ""
    spacing = '<w:spacing w:line="560" w:lineRule="exact"/>'
    return (
        f'<w:p><w:pPr>{spacing}{indent}<w:jc w:val="{line.align}"/></w:pPr>'
        f"{_run(line.text, line.size, bold=line.bold)}</w:p>"
    )


def _run(text: str, size: int, *, bold: bool = False) -> str:
    face = "黑体" if bold else "仿宋"
    weight = "<w:b/>" if bold else ""
    fonts = f'<w:rFonts w:ascii="{face}" w:hAnsi="{face}" w:eastAsia="{face}"/>'
    return (
        f'<w:r><w:rPr>{fonts}{weight}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _table(table: Table) -> str:
    whole = sum(table.widths)
    widths = [WIDTH * share // whole for share in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:color="000000"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(_row(cells, widths) for cells in table.rows)}</w:tbl>{_line(Line('', size=24))}"
    )


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """A tag's own row spans the table."""
    spans = len(cells) < len(widths)
    shape = f'<w:gridSpan w:val="{len(widths)}"/>' if spans else ""
    wide = [sum(widths)] if spans else widths
    return (
        f"<w:tr>{''.join(_cell(text, width, shape) for text, width in zip(cells, wide, strict=True))}</w:tr>"
    )


def _cell(text: str, width: int, shape: str) -> str:
    words = f"<w:p><w:pPr/>{_run(text, 24)}</w:p>"
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shape}</w:tcPr>{words}</w:tc>'
