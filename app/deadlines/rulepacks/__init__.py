"""The packs' texts, one YAML file each beside this one, and reading them with line numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import yaml

from app.kernel.errors import Invalid

FOLDER = Path(__file__).parent

Loc = tuple[int | str, ...]  # the way to a field, as pydantic gives it


class PackInvalid(Invalid):
    """`line` is counted from 1; `reason` says what is wrong with it."""

    code = "rule-pack-invalid"

    def __init__(self, source: str, line: int, row: str, reason: str) -> None:
        where = f"第 {line} 行" + (f"（{row}）" if row else "")
        detail = f"规则包 {source} {where}：{reason}"
        super().__init__(detail, pack=source, line=line, row=row, reason=reason)


def pack_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def shipped(name: str) -> str:
    """The text of a shipped pack; `name` must be one of `pack_names()`."""
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


@dataclass(frozen=True)
class PackText:
    """What a text says, and where it says it."""

    source: str
    tree: yaml.MappingNode
    data: dict[str, Any]

    @classmethod
    def read(cls, text: str, source: str) -> Self:
        """Raises PackInvalid: no YAML, no mapping, or a key given twice."""
        try:
            tree = yaml.compose(text, yaml.SafeLoader)
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            raise PackInvalid(source, line, "", f"不是正确的 YAML：{error}") from error
        except ValueError as error:  # a date such as 2026-13-01
            raise PackInvalid(source, 1, "", f"有不存在的日期：{error}") from error
        if not isinstance(tree, yaml.MappingNode):
            raise PackInvalid(source, 1, "", "应为字段和值")
        for key in _repeated_keys(tree):
            raise PackInvalid(source, _line(key), "", f"字段 {key.value} 重复")
        return cls(source, tree, data)

    def invalid(self, loc: Loc, reason: str) -> PackInvalid:
        """The refusal of what stands at `loc`, or of the part around it that is in the text."""
        node: yaml.Node = self.tree
        for part in loc:
            node = _child(node, part) or node
        return PackInvalid(self.source, _line(node), self._row(loc), reason)

    def _row(self, loc: Loc) -> str:
        match loc:
            case ("rows", int(index), *_) if isinstance(row := self.data["rows"][index], dict):
                return f"{row.get('kind')} / {row.get('level', 'any')}"
            case _:
                return ""


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return cast("yaml.Node", node.value[part])
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[yaml.Node]:
    """YAML lets the second of two equal keys win in silence; we don't."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
