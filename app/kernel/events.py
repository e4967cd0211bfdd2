"""Facts that other parts may react to; written as rows beside the change they describe."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """Subclasses are frozen dataclasses of ids and dates, never of names, phones or texts.

    `name` is past tense, `<noun>.<what happened>`; it is a promise to partners.
    """

    name: ClassVar[str]
