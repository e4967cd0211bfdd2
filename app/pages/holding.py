"""Whoever holds a receipt, and the forms on its page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.deps import Now, Tx
from app.opinions.deps import Budgets, Device, Flood
from app.opinions.models import Opinion
from app.opinions.public_api import find
from app.opinions.steps import By, resident
from app.pages import presenting
from app.pages.forms import FieldsWrong, checked, typed
from app.pages.keys import claim
from app.pages.receipts import plain
from app.pages.responding import page, see_other
from app.pages.views import FieldError, FollowUpForm

Checked = TypeVar("Checked", bound=BaseModel)
Act = Callable[[Opinion, Checked], Awaitable[object]]


@dataclass(frozen=True)
class Holder:
    receipt: str
    request: Request
    tx: AsyncSession
    by: By
    flood: Budgets
    device: str

    async def opinion(self, *, lock: bool = False) -> Opinion:
        return await find(self.tx, self.flood, self.device, self.receipt, lock=lock)

    async def typed(self, *names: str) -> list[str]:
        form = await self.request.form()
        return [typed(form, name) for name in names]

    async def act(
        self,
        schema: type[Checked],
        said: Mapping[str, str | None],
        form: FollowUpForm,
        act: Act[Checked],
        *,
        beside: str | None = None,
    ) -> Response:
        """Take the step once, however often the button is pressed; or give the form back to be mended.

        `beside`: where faults are shown if not beside the field of their name.
        """
        try:
            body = checked(schema, said)
        except FieldsWrong as wrong:
            errors = wrong.errors
            if beside:
                errors = tuple(replace(error, field=beside) for error in errors)
            return await self._again(form, errors)
        await claim(self.request, self.tx, form.key, said)
        await act(await self.opinion(lock=True), body)
        done = self.request.url.path.rpartition("/")[2]
        return see_other(self.request, f"/o/{self.receipt}?done={done}")

    async def _again(self, form: FollowUpForm, errors: tuple[FieldError, ...]) -> Response:
        opinion = await self.opinion()
        view = await presenting.follow_up(
            self.tx, opinion, self.receipt, now=self.by.now, form=form, errors=errors
        )
        return page(self.request, "follow_up.html", view, 422)


async def holder(receipt: str, request: Request, tx: Tx, now: Now, flood: Flood, device: Device) -> Holder:
    return Holder(plain(receipt), request, tx, resident(now), flood, device)


Held = Annotated[Holder, Depends(holder)]
