"""What each act does and when it is refused, in the model's words; by parts of the way."""

from tests.suggestions import (
    expected_after,
    expected_before,
    expected_ends,
    expected_handling,
    expected_signed,
)
from tests.suggestions.expecting import EXPECTED, SIGNED, foresee, home_of

PARTS = (expected_before, expected_signed, expected_handling, expected_after, expected_ends)
__all__ = ["EXPECTED", "PARTS", "SIGNED", "foresee", "home_of"]
