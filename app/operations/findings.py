"""What a check of the invariants found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`invariant`: I1-I9 as numbered in the design. `what`: one Chinese sentence. `subject`: an id or key."""

    invariant: str
    what: str
    subject: str
