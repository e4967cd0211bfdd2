"""What is tried next: of a few attempts the one that leads where the walk has not been yet."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.suggestions import choosing
from tests.suggestions.coverage import Coverage
from tests.suggestions.expected import foresee
from tests.suggestions.expecting import Doing
from tests.suggestions.model import RUNNING, Attempt, Matter, World
from tests.suggestions.oracle import EDGES

LOOKS = 12  # attempts looked at, half of them at what is missing, before the best is made
# They lead away from an answer: gone once or twice, they are gone seldom.
DETOURS = {"delete", "review.send_back", "review.transfer", "review.merge"}
DETOURS |= {"return-request", "return-decision.agree", "reply-return", "withdrawal", "withdrawal-consent"}
DETOURS |= {"withdrawal-talk", "lead-succession", "cosigner-removal"}
DEEP: dict[tuple[object, ...], float] = {
    ("replied",): 0.7,
    ("rejected",): 1.5,
    ("conference",): 2.0,
    ("committed",): 0.7,
}


@dataclass
class Seeker:
    """`coverage`: of this walk alone, so that it goes the same way again. `wanted`: an act to prefer."""

    world: World
    coverage: Coverage
    entered: Counter[tuple[object, ...]] = field(default_factory=Counter)
    wanted: str | None = None

    def note(self, attempt: Attempt, foreseen: Doing | None) -> None:
        self.coverage.note(self.told(attempt, foreseen))
        self.entered.update(self.entering(attempt, foreseen))

    def promising(self, rng: Random) -> tuple[Attempt, Doing | None]:
        """Of a few attempts the one that reaches most that is new."""
        ending, signed = self.to_be_cancelled(), self.wanted_for_their_signers()
        aims = choosing.aims(self.world, self.coverage.missing_acts) + ending
        looked = [choosing.attempt(rng, self.world, rng.choice(aims)) for _ in range(LOOKS) if aims]
        looked += [choosing.attempt(rng, self.world) for _ in range(LOOKS)]
        best: tuple[float, Attempt, Doing | None] | None = None
        for attempt in looked:
            foreseen = foresee(self.world, attempt)
            told = self.told(attempt, foreseen)
            worth = (
                14.0 * sum(map(self.coverage.new, told)) + 1.0 * (foreseen is not None) + 3.0 * rng.random()
            )
            for view in self.entering(attempt, foreseen):
                worth += 6.0 / (1 + self.entered[view]) ** 0.5 + DEEP.get(view[1:2], 0.0)
            worth += 6.0 * (attempt.act == self.wanted) + 6.0 * self.new_by_http(foreseen)
            worth += 9.0 * ((attempt.act, attempt.matter, None) in ending)
            worth += 3.0 * (attempt.matter in signed)
            worth -= 4.0 * (attempt.act in DETOURS) + self.leaving(attempt, foreseen)
            if best is None or worth > best[0]:
                best = (worth, attempt, foreseen)
        assert best is not None
        return best[1], best[2]

    def to_be_cancelled(self) -> list[choosing.Aim]:
        """The clocks of judging are cancelled only where one of several units is judged, another not yet."""
        kinds = {
            k for k in ("rejection_decision", "conference") if self.coverage.new(("clock", k, "cancelled"))
        }
        places = [
            place
            for place, matter in enumerate(self.world.matters)
            if matter.state in RUNNING and any(kinds & duty.clocks.keys() for duty in matter.duties)
        ]
        acts = ("withdrawal", "withdrawal-consent", "withdrawal-talk")
        return [(act, place, None) for place in places for act in acts] + self.to_be_consented()

    def wanted_for_their_signers(self) -> set[int]:
        """While some state has not seen a co-signer consent, matters with co-signers go first."""
        states = {state for _, state, act in EDGES if act == "withdrawal-consent"}
        if not any(self.coverage.new(("suggestion", s, "withdrawal-consent", "allowed")) for s in states):
            return set()
        return {place for place, matter in enumerate(self.world.matters) if any(matter.signers.values())}

    def to_be_consented(self) -> list[choosing.Aim]:
        """A co-signer can consent only after the lead has asked to withdraw."""
        return [
            ("withdrawal", place, None)
            for place, matter in enumerate(self.world.matters)
            if any(matter.signers.values()) and not matter.withdrawing
            if self.coverage.new(("suggestion", matter.state, "withdrawal-consent", "allowed"))
            if ("suggestion", matter.state, "withdrawal-consent") in EDGES
        ]

    def new_by_http(self, foreseen: Doing | None) -> bool:
        """Not seen over HTTP yet: an act that succeeds, or a state it leads to."""
        if foreseen is None:
            return False
        reached = {edge[2] for edge in foreseen.told if len(edge) == 4 and edge[3] == "allowed"}
        return not reached | {foreseen.matter.state} <= self.coverage.by_http

    def entering(self, attempt: Attempt, foreseen: Doing | None) -> set[tuple[object, ...]]:
        """Situations that it would bring about: the rarer, the better."""
        if foreseen is None:
            return set()
        return situations(foreseen.matter) - situations(self.world.matters[attempt.matter])

    def leaving(self, attempt: Attempt, foreseen: Doing | None) -> float:
        """A state of which something is still missing had better be stayed in."""
        if foreseen is None:
            return 0.0
        now, then = self.world.matters[attempt.matter], foreseen.matter
        left = [("suggestion", now.state)] if now.state != then.state else []
        pairs = zip(now.duties, then.duties, strict=False)
        left += [(duty.level, duty.state) for duty, after in pairs if duty.state != after.state]
        return sum(min(5.0, 0.7 * self.coverage.missing_in(*state)) for state in left)

    def told(self, attempt: Attempt, foreseen: Doing | None) -> list[tuple[str, ...]]:
        """The edges and fates it would reach; a refusal is one of the state it was tried in."""
        if foreseen is not None:
            return foreseen.told
        matter, act = self.world.matters[attempt.matter], attempt.act
        if act in ("assignment", "assignment.added"):
            act = "assignment" if matter.state == "accepted" else "assignment.added"
        edges = [("suggestion", matter.state, act)]
        if attempt.duty is not None and attempt.duty < len(matter.duties):
            duty = matter.duties[attempt.duty]
            edges.append((duty.level, duty.state, act))
        elif act in ("closure", "reopening", "dispatch"):
            edges += [(duty.level, duty.state, act) for duty in matter.duties]
        return [(*edge, "refused") for edge in edges if edge in EDGES]


def situations(matter: Matter) -> set[tuple[object, ...]]:
    """Where a matter and its assignments stand, as far as it decides what can come next."""
    signed = sum(bool(agreed) for agreed in matter.signers.values())
    found: set[tuple[object, ...]] = {(matter.state,), (matter.state, matter.withdrawing, min(signed, 2))}
    found |= {("waiting", name) for name in matter.waiting}
    for duty in matter.duties:
        promised = tuple(sorted({promise.state for promise in duty.promises}))
        found.add((duty.level, duty.state))
        several = len(matter.duties) > 1
        found.add((duty.level, duty.state, promised, bool(duty.asked), bool(duty.talks), several))
    return found
