"""Dates that a lawyer can check, pack by pack: tests/deadlines/vectors/*.yaml."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.deadlines.arithmetic import Due, Period, TimeLimit, due
from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.lines import Kind
from app.deadlines.packs import Level, RuleRow, read_pack
from app.deadlines.rulepacks import pack_names, shipped

CALENDAR = seed_calendar()
FOLDER = Path(__file__).parent / "vectors"
FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
VECTORS = [(name, vector) for name, file in FILES.items() for vector in file["vectors"]]


def row_of(pack: str, vector: dict[str, Any]) -> RuleRow:
    return read_pack(pack).row(Kind(vector["kind"]), Level(vector.get("level", "township")))


def ending(row: RuleRow, start: date, period: Period | None) -> Due:
    assert period is not None
    return due(TimeLimit(started_on=start, end=period, rolls=row.roll), CALENDAR)


@pytest.mark.parametrize(
    ("pack", "vector"),
    VECTORS,
    ids=[f"{name} {v['kind']} {v.get('level', 'any')} {v['start']}" for name, v in VECTORS],
)
def test_a_start_day_leads_to_the_day_the_lawyer_reads(pack: str, vector: dict[str, Any]) -> None:
    row = row_of(pack, vector)
    ends = ending(row, vector["start"], row.period(complex_matter=vector.get("complex", False)))

    assert (ends.last_day, ends.provisional) == (vector["due"], vector.get("provisional", False))
    assert row.article == vector["article"]
    if "cap" in vector:
        assert ending(row, vector["start"], row.cap()).last_day == vector["cap"]


def test_every_pack_that_can_be_chosen_has_its_file() -> None:
    assert set(FILES) == {name for name in pack_names() if read_pack(name).selectable}
    assert [file["pack"] for file in FILES.values()] == list(FILES)


@pytest.mark.parametrize("pack", FILES)
def test_every_row_that_a_pack_states_has_a_vector(pack: str) -> None:
    stated = {
        (row["kind"], row.get("level")) for row in yaml.safe_load(shipped(pack))["rows"] if "limit" in row
    }

    assert stated == {(v["kind"], v.get("level")) for v in FILES[pack]["vectors"]}


@pytest.mark.parametrize("pack", FILES)
def test_every_row_with_a_longer_limit_or_an_extension_has_that_vector_too(pack: str) -> None:
    vectors = FILES[pack]["vectors"]
    rows = [row for row in yaml.safe_load(shipped(pack))["rows"] if "limit" in row]
    for of, field in (("complex", "complex"), ("extension", "cap")):
        stated = {(row["kind"], row.get("level")) for row in rows if of in row}
        assert stated == {(v["kind"], v.get("level")) for v in vectors if field in v}
