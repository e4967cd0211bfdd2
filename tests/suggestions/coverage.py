"""What a walk has reached: every edge both ways, every clock in every fate, every state and act by HTTP."""

from collections import Counter
from dataclasses import dataclass, field

from tests.suggestions import oracle

FATES = ("opened", "met", "late", "cancelled")
STATES = {shown for _, shown in oracle.LEAST_ADVANCED_FIRST} | {
    "draft",
    "cosigning",
    "submitted",
    "accepted",
    "archived",
    "withdrawn",
    "transferred",
    "merged",
}
# Nobody asks for these by HTTP: time does them, or another act brings them about.
NOT_ASKED = {"cosigning-done", "withdrawal.done", "evaluation.reminder", "evaluation.silent"}
ACTS = {act for _, _, act in oracle.EDGES} - NOT_ASKED

EDGES_OF = {
    (level, state): [
        (*edge, way) for edge in oracle.EDGES if edge[:2] == (level, state) for way in ("allowed", "refused")
    ]
    for level, state, _ in oracle.EDGES
}


@dataclass
class Coverage:
    """`seen`: (level, state, act, allowed|refused) and (clock, kind, fate) by how often."""

    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    by_http: set[str] = field(default_factory=set)
    steps: int = 0
    succeeded: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def note(self, told: list[tuple[str, ...]]) -> None:
        self.seen.update(told)

    def tried(self, kind: str, *, succeeded: bool) -> None:
        self.kinds[kind] += 1
        self.steps += 1
        self.succeeded += succeeded

    def new(self, told: tuple[str, ...]) -> bool:
        return told not in self.seen

    def missing_in(self, level: str, state: str) -> int:
        """How many edges of this state have not been gone or refused yet."""
        return sum(told not in self.seen for told in EDGES_OF.get((level, state), ()))

    def missing_acts(self, level: str, state: str) -> set[str]:
        return {told[2] for told in EDGES_OF.get((level, state), ()) if told not in self.seen}

    def missing(self) -> list[str]:
        """What the walk has not reached yet, in words."""
        edges = [(*edge, way) for edge in oracle.EDGES for way in ("allowed", "refused")]
        never = {(*edge, "allowed") for edge in oracle.NEVER_ALLOWED}
        clocks = [("clock", kind, fate) for kind in oracle.KINDS for fate in FATES]
        silent = [told for told in (*edges, *clocks) if told not in self.seen and told not in never]
        by_http = sorted((STATES | ACTS) - self.by_http)
        return [" ".join(told) for told in sorted(silent)] + [f"by http: {name}" for name in by_http]

    def printed(self) -> str:
        both = sum(self.seen[*edge, "allowed"] > 0 < self.seen[*edge, "refused"] for edge in oracle.EDGES)
        fates = sum(self.seen["clock", kind, fate] > 0 for kind in oracle.KINDS for fate in FATES)
        lines = [
            f"{self.steps} steps, {self.succeeded / max(1, self.steps):.0%} succeeded",
            f"{both} of {len(oracle.EDGES)} edges allowed and refused, "
            f"{fates} of {len(oracle.KINDS) * len(FATES)} fates of clocks",
            ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items())),
        ]
        for kind in sorted(oracle.KINDS):
            counted = (f"{fate} {self.seen['clock', kind, fate]}" for fate in FATES)
            lines.append(f"  {kind}: {', '.join(counted)}")
        return "\n".join(lines + [f"missing: {name}" for name in self.missing()])

    def check(self, *, least: int) -> None:
        assert self.missing() == [], self.printed()
        assert self.steps >= least
        assert self.succeeded >= 0.4 * self.steps
