"""A resident's browser, as far as forms go: reads a page's form, sends it the way browsers do."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from uuid import uuid4

import httpx

from tests.uploads.pictures import encoded, quarters

File = tuple[str, bytes]
WORDS = "村东头的路灯坏了三个多月，晚上老人和孩子走路很不安全，希望尽快修好。"


@dataclass
class Form:
    """A form with the values it would send untouched."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._text: str | None = None
        self._select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        name, kind = facts.get("name"), facts.get("type") or "text"
        if tag == "form":
            self.forms.append(Form(facts["action"] or ""))
        elif tag == "textarea" and name:
            self._text = name
            self.forms[-1].values[name] = ""
        elif tag == "select" and name:
            self._select = name
            self.forms[-1].values[name] = ""
        elif tag == "option" and self._select and "selected" in facts:
            self.forms[-1].values[self._select] = facts["value"] or ""
        elif tag == "input" and name and kind != "file" and (kind not in BOXES or "checked" in facts):
            self.forms[-1].values[name] = facts.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1].values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text:
            values = self.forms[-1].values
            values[self._text] = values[self._text].removeprefix("\n")
            self._text = None


BOXES = {"checkbox", "radio"}


def form_of(html: str, ending: str = "") -> Form:
    """The first form whose address ends like that."""
    return next(form for form in _Forms(html).forms if form.action.endswith(ending))


def multipart(values: dict[str, str], files: list[File]) -> tuple[bytes, str]:
    """Body and content type: CRLF in texts, a fresh boundary, one empty part where no file was chosen."""
    boundary = f"----WebKitFormBoundary{uuid4().hex}"
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + value.replace("\n", "\r\n").encode("utf-8", "surrogatepass")
        for name, value in values.items()
    ]
    parts += [
        f'Content-Disposition: form-data; name="photos"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + data
        for name, data in files or [("", b"")]
    ]
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


async def press(client: httpx.AsyncClient, form: Form, *files: File, **values: str) -> httpx.Response:
    """Fill in and send; the answer itself, redirects are not followed."""
    body, kind = multipart({**form.values, **values}, list(files))
    return await client.post(form.action, content=body, headers={"Content-Type": kind})


async def open_form(client: httpx.AsyncClient, code: str) -> Form:
    shown = await client.get(f"/s/{code}")
    assert shown.status_code == 200, shown.text
    return form_of(shown.text, code)


async def speak(client: httpx.AsyncClient, code: str, *files: File, **values: str) -> str:
    """Leave an opinion; its receipt."""
    sent = await press(client, await open_form(client, code), *files, **{"content": WORDS, **values})
    assert sent.status_code == 303, sent.text
    return receipt_of(sent)


def receipt_of(answer: httpx.Response) -> str:
    return answer.headers["location"].removeprefix("/o/").partition("?")[0]


def photo(name: str = "灯.jpg", *, side: int = 64) -> File:
    return (name, encoded(quarters(side, side), "JPEG"))
