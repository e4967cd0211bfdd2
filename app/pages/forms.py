"""What a browser sends, read and checked by the same schemas as the API; errors beside their fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, get_args

from fastapi import Request, UploadFile
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as SentFile

from app.infra.http_errors import sentence
from app.kernel.text import UNUSABLE
from app.opinions.schemas import OpinionIn
from app.pages.views import FieldError, KeptPhoto, OpinionForm, Route

Checked = TypeVar("Checked", bound=BaseModel)

MOST_PARTS = 60  # beyond any form of ours; fewer photos too many still get a sentence of their own
FIELD_OF = {"contact.name": "contact_name", "contact.phone": "contact_phone"}
KINDER = {
    ("contact_name", "text-missing"): "请写个称呼，比如“陈先生”；不想留电话，就把电话也清空",
    ("satisfied", "missing"): "请选一个：满意、基本满意，还是不满意",
    ("satisfied", "enum"): "请选一个：满意、基本满意，还是不满意",
    ("content", "text-missing"): "请写下您要说的话",
    ("reason", "text-missing"): "请写下哪里没有解决",
    ("category", "enum"): "请重新选一个类别，拿不准就不选",
    ("photos", "uuid_parsing"): "有照片没有收到，请重新选一次",
}
NO_PHONE = "请填电话；不想留，就把称呼也清空"


@dataclass(frozen=True)
class Sent:
    """One press of the button. `form`: values as typed, with the photos of an earlier attempt."""

    form: OpinionForm
    files: tuple[UploadFile, ...]


class FieldsWrong(Exception):
    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("fields to be mended")
        self.errors = errors


async def read_opinion(request: Request) -> Sent:
    """The form of a station's page. HTTPException 400, 413 for what no form of ours would send."""
    form = await request.form(max_files=MOST_PARTS, max_fields=MOST_PARTS)
    kept = [str(id) for id in form.getlist("upload_ids") if isinstance(id, str)]
    files = [file for file in form.getlist("photos") if isinstance(file, SentFile)]
    chosen = route if (route := typed(form, "route")) in get_args(Route) else "station"
    values = {name: typed(form, name) for name in ("key", "form_token", "content", "category", "place")}
    opinion = OpinionForm(
        **values,
        contact_name=typed(form, "contact_name"),
        contact_phone=typed(form, "contact_phone"),
        share_with_unit=typed(form, "share_with_unit") == "true",
        route=chosen,  # type: ignore[arg-type]  # one of its words, as just checked
        confidential=typed(form, "confidential") == "true",
        kept_photos=named(dict.fromkeys(kept)),
    )
    # a browser sends one empty, nameless part where no photo was chosen
    return Sent(opinion, tuple(file for file in files if file.filename or file.size))  # type: ignore[misc]


def typed(form: FormData, name: str) -> str:
    """As typed, with line feeds; absent or a file is nothing."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def named(ids: Iterable[str]) -> tuple[KeptPhoto, ...]:
    return tuple(KeptPhoto(id=id, name=f"第 {n} 张照片") for n, id in enumerate(ids, 1))


def ids_of(form: OpinionForm) -> list[str]:
    return [photo.id for photo in form.kept_photos]


def opinion_in(form: OpinionForm, code: str) -> OpinionIn:
    """The same checks as the API's; FieldsWrong."""
    contact = None
    if form.contact_name.strip() or form.contact_phone.strip():
        contact = {
            "name": form.contact_name,
            "phone": form.contact_phone,
            "share_with_unit": form.share_with_unit,
        }
    said = {
        "station_code": code,
        "content": form.content,
        "category": form.category,
        "place": form.place,
        "contact": contact,
        "route": form.route,
        "confidential": form.confidential,
        "upload_ids": ids_of(form),
    }
    return checked(OpinionIn, said)


def checked(schema: type[Checked], said: Mapping[str, Any]) -> Checked:
    """FieldsWrong with one sentence for each field."""
    try:
        return schema.model_validate(said)
    except ValidationError as error:
        found: dict[str, FieldError] = {}
        for fault in error.errors():
            told = _told(fault)
            found.setdefault(told.field or "", told)
        raise FieldsWrong(tuple(found.values())) from error


def _told(fault: ErrorDetails) -> FieldError:
    at = [part for part in fault["loc"] if isinstance(part, str)]
    field = FIELD_OF.get(".".join(at), "photos" if at[0] == "upload_ids" else at[0])
    return FieldError(field=field, message=KINDER.get((field, fault["type"])) or _sentence(field, fault))


def _sentence(field: str, fault: ErrorDetails) -> str:
    if fault["type"] == "value_error":  # a rule of the schema, in its own words
        return (
            NO_PHONE
            if field == "contact_phone" and not fault["input"].strip()
            else str(fault["ctx"]["error"])
        )
    if fault["type"] == "text-unusable" and (count := len(UNUSABLE.findall(fault["input"]))):
        return f"里面有 {count} 个无法保存的特殊符号，已替您去掉，请看一遍再提交"
    return sentence(fault)


def legible(form: OpinionForm) -> OpinionForm:
    return replace(
        form,
        content=shown_again(form.content),
        place=shown_again(form.place),
        contact_name=shown_again(form.contact_name),
        contact_phone=shown_again(form.contact_phone),
    )


def shown_again(text: str) -> str:
    """Without the characters that no form can carry."""
    return UNUSABLE.sub("", text)


def canonical(form: OpinionForm, photos: Iterable[str]) -> dict[str, Any]:
    """What makes two sendings the same: every field but key and token, and each photo's SHA-256."""
    said = {name: value for name, value in vars(form).items() if name not in ("key", "form_token")}
    return {**said, "kept_photos": ids_of(form), "photos": list(photos)}
