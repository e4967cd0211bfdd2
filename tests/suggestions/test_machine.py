"""The whole workflow by a stateful machine: every actor, every act, time, calendars, races, retries."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.conftest import Dsns
from tests.suggestions.coverage import Coverage
from tests.suggestions.rig import Walk

SEEDS = st.integers(0, 2**16 - 1)
LEAST = 2000
# The same walks every time, as many as it takes to reach everything; they are not shrunk.
LONG_WALKS = settings(
    max_examples=5,
    stateful_step_count=1050,
    derandomize=True,
    database=None,
    verbosity=Verbosity.quiet,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.xdist_group("suggestion machine")
def test_the_workflow_does_what_its_model_says_on_every_edge(
    dsns: Dsns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = Coverage()
    known: dict[int, Coverage] = {}  # of each walk when it began: played again, it goes the same way

    class Workflow(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.walk = Walk(dsns, tmp_path, reached)
            self.sound = True

        @initialize(seed=SEEDS)
        def the_county_is_founded(self, seed: int) -> None:
            known.setdefault(seed, Coverage(Counter(reached.seen), set(reached.by_http)))
            self.walk.begin(seed, known[seed])

        @rule(seed=SEEDS)
        def something_happens(self, seed: int) -> None:
            if reached.steps >= LEAST and not reached.missing():
                return
            self.sound = False
            self.walk.step(seed)
            self.sound = True

        def teardown(self) -> None:
            try:
                if self.sound:  # else the step's own failure is the one to be told
                    self.walk.verify()
            finally:
                self.walk.close()

    run_state_machine_as_test(Workflow, settings=LONG_WALKS)
    with capsys.disabled():
        sys.stdout.write(f"\n{reached.printed()}\n")
    reached.check(least=LEAST)
