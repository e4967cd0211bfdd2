"""What is expected up to the review: the delegates' part."""

from tests.suggestions.expecting import Doing, act, author
from tests.suggestions.model import CONGRESS, DELEGATES, OFFICE, need


@act("edit")
def edit(d: Doing) -> None:
    need(d.matter.state == "draft" and d.matter.seen_by(d.who))
    need(d.who == d.matter.lead or d.who in OFFICE)
    for name, agreed in d.matter.signers.items():
        d.matter.signers[name] = None if agreed else agreed
    d.told.append(("suggestion", "draft", "edit", "allowed"))


@act("delete")
def delete(d: Doing) -> None:
    need(d.matter.state == "draft" and d.matter.received_on is None and d.matter.seen_by(d.who))
    need(d.who == d.matter.lead or d.who in OFFICE)
    d.matter.gone = True
    d.told.append(("suggestion", "draft", "delete", "allowed"))


@act("submission")
def submit(d: Doing) -> None:
    author(d)
    waiting = None in d.matter.signers.values()
    received(d, "submission", "cosigning" if waiting else "submitted")


def received(d: Doing, act: str, state: str) -> None:
    d.turn(act, state)
    if state == "submitted":
        d.matter.received_at = d.world.now


@act("cosignature")
def cosign(d: Doing) -> None:
    proxy = d.args.get("for")
    signer = str(proxy or d.who)
    d.by(OFFICE if proxy else DELEGATES, "congress" if proxy else "delegate")
    need(signer in d.matter.signers and d.matter.signers[signer] is None)
    d.stay("cosignature")
    d.matter.signers[signer] = bool(d.args["agree"])
    if None in d.matter.signers.values():
        d.told.append(("suggestion", "cosigning", "cosigning-done", "refused"))
    else:
        received(d, "cosigning-done", "submitted")


@act("cosigner-removal")
def remove(d: Doing) -> None:
    author(d)
    need(d.args["name"] in d.matter.signers)
    d.stay("cosigner-removal")
    del d.matter.signers[str(d.args["name"])]
    if d.matter.state == "cosigning" and None not in d.matter.signers.values():
        received(d, "cosigning-done", "submitted")


@act("seconding")
def second(d: Doing) -> None:
    d.by(DELEGATES - {d.matter.lead}, "delegate")
    if d.who not in d.matter.seconders:
        d.stay("seconding")
        d.matter.seconders.add(d.who)


@act("review.accept")
def accept(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    d.turn("review.accept", "accepted", on=d.matter.received_on)


@act("unmerge")
def unmerge(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    d.turn("unmerge", "submitted")
    d.matter.merged_into = None
