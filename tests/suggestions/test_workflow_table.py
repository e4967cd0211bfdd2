"""The printed table, its document, and the second opinion on it agree."""

from collections.abc import Mapping
from pathlib import Path

from app.accounts.permissions import Side
from app.suggestions import state_clocks, workflow
from app.suggestions.printing import printed
from app.suggestions.states import Act, AssignmentState, Role, State
from app.suggestions.workflow import Edge
from tests.suggestions import oracle

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "workflow.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
TABLES = (
    ("suggestion", workflow.SUGGESTION_TABLE),
    ("answering", workflow.ANSWERING_TABLE),
    ("co", workflow.CO_TABLE),
)


def test_the_document_holds_the_table_as_it_is_printed() -> None:
    table = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0]
    assert table == printed(), "python -m app workflow prints what belongs into docs/workflow.md"


def test_the_table_has_the_edges_that_the_office_describes() -> None:
    edges = {(level, str(state), str(act)) for level, table in TABLES for state, act in table}
    assert edges == oracle.EDGES


def test_every_act_has_its_place_in_the_table() -> None:
    placed = {Act(act) for _, table in TABLES for _, act in table}
    assert set(Act) - placed == {Act.CREATE}  # before it there is no state to act in


def test_every_state_of_a_suggestion_can_be_reached() -> None:
    by_assignments = {shown for _, shown in workflow.PROGRESS}
    assert _reached(workflow.SUGGESTION_TABLE, "draft", *by_assignments) == set(State)


def test_every_state_of_an_assignment_can_be_reached() -> None:
    answering = _reached(workflow.ANSWERING_TABLE, "pending")
    co = _reached(workflow.CO_TABLE, "pending")
    assert answering | co | {AssignmentState.ENDED} == set(AssignmentState)  # withdrawal ends them


def _reached(table: Mapping[tuple[str, str], Edge], *starts: str) -> set[str]:
    reached, grown = set[str](), set(starts)
    while grown - reached:
        reached |= grown
        grown |= {to for (left, _), edge in table.items() if left in reached for to in edge.entered}
    return reached


def test_each_state_opens_the_clocks_that_the_office_describes() -> None:
    for state in State:
        opens, keeps = oracle.clocks("suggestion", state, 1)
        assert state_clocks.OPENS.get(state, set()) == opens
        assert state_clocks.KEEPS.get(state, set()) == keeps
    for role, level in ((Role.LEAD, "answering"), (Role.SEPARATE, "answering"), (Role.CO, "co")):
        for assignment_state in AssignmentState:
            for round in (1, 2):
                opens, keeps = oracle.clocks(level, assignment_state, round)
                assert state_clocks.opens(role, assignment_state, round) == opens
                assert state_clocks.keeps(role, assignment_state) == keeps


def test_the_least_advanced_unit_decides_the_suggestions_state() -> None:
    states = [state for state, _ in workflow.PROGRESS]
    for first in states:
        for second in states:
            pair = [(Role.SEPARATE, first), (Role.SEPARATE, second), (Role.CO, AssignmentState.PENDING)]
            assert workflow.derive(pair) == oracle.state_of((role, state) for role, state in pair)


def test_a_unit_is_offered_the_same_acts_however_its_reply_was_judged() -> None:
    offered = {
        tuple(workflow.allowed_on_assignment(Role.LEAD, state, Side.GOVERNMENT))
        for state in workflow.ANSWERED
    }
    assert len(offered) == 1
