"""What a received message is about, as `GET /demo/messages` shows it.

Our messages name it as WeChat's pages do: in the query of a link, or of the reference sent along.
"""

import re
from urllib.parse import parse_qs, urlsplit

LINK = re.compile(r"https?://\S+")


def about(reference: str) -> dict[str, str | None]:
    """`line` and `subject_id` of `…line=overdue&subject_id=…`; None where they are not said."""
    query = {name: values[0] for name, values in parse_qs(reference).items()}
    return {"line": query.get("line"), "subject_id": query.get("subject_id", query.get("id"))}


def about_link(text: str) -> dict[str, str | None]:
    """The same from the first link in a text."""
    found = LINK.search(text)
    return about(urlsplit(found.group()).query if found else "")
