"""A receipt as people give it: typed, pasted, with the whole address; pure."""

import re
import unicodedata

TRACE = re.compile(r".*/o/", re.DOTALL)
NOT_ITS_LETTERS = re.compile(r"[^0-9A-Z]")
LONGEST = 64


def plain(typed: str) -> str:
    """Letters and digits alone, in capitals; of a pasted address what follows `/o/`.

    Full-width letters, as Chinese keyboards type them, count as the plain ones.
    """
    text = unicodedata.normalize("NFKC", typed[:1000])
    text = TRACE.sub("", text).partition("?")[0]
    return NOT_ITS_LETTERS.sub("", text.upper())[:LONGEST]
