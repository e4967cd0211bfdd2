"""Days and times as clerks write them in a ledger of suggestions; pure."""

import re
from datetime import datetime
from unicodedata import normalize

from app.directory.roster import number_in
from app.infra.cells import INVISIBLE, SERIALS, Cell, cleaned, moment

SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")  # a day number of Excel that became text on its way through csv
WEEKDAY = re.compile(r"[(]?(?:星期|周)[一二三四五六日天][)]?")
DIGITS = "〇一二三四五六七八九"
IN_WORDS = re.compile(rf"([{DIGITS}零○]{{4}})年([一二三四五六七八九十]+)月([一二三四五六七八九十]+)日")
ZEROS = str.maketrans("零○", "〇〇")


def instant(cell: Cell) -> datetime:
    """The instant meant, in UTC to the second; without a time it is the local midnight of the day.

    Knows what `moment` knows, and full-width marks, 号 for 日, a weekday beside the date, day numbers of
    Excel as text, and 二〇二五年三月一日. Two figures for a year and a date without a year or a day are
    refused. Raises ValueError.
    """
    return moment(_usual(cell) if isinstance(cell, str) else cell)


def _usual(written: str) -> Cell:
    text = INVISIBLE.sub("", normalize("NFKC", cleaned(written))).lstrip("'")
    text = WEEKDAY.sub("", text).replace("号", "日").strip()
    if SERIAL.fullmatch(text) and int(float(text)) in SERIALS:
        return float(text)
    return IN_WORDS.sub(_in_figures, text)


def _in_figures(found: re.Match[str]) -> str:
    year = "".join(str(DIGITS.index(digit)) for digit in found[1].translate(ZEROS))
    month, day = (number_in(part) for part in found.group(2, 3))
    return f"{year}-{month}-{day}"
