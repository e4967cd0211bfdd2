"""When one way does not reach a person the next one does; a channel that is down is left alone."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.adapters.delivery import Delivered, Outcome, Rejected, Retry, Stands
from app.adapters.wechat.outcomes import SEND
from app.infra.jobs import Work
from app.kernel.clock import machine_now
from app.notifications import circuits, delivering, jobs
from app.notifications.channels import Channel, Senders
from app.notifications.models import Address, Delivery
from tests.notifications.channels import SilentTelephone, Telephone
from tests.notifications.rig import EIGHT, MIDNIGHT, Rig

PHONE = "13900000001"


@pytest.fixture
def sms() -> Telephone:
    return Telephone()


@pytest.fixture
async def work(rig: Rig, sms: Telephone) -> Work:
    """Bob has a phone for text messages beside his WeChat; a line of his is to be told."""
    await prefer(rig, "bob", addresses={"sms": PHONE})
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    rig.clock.now = EIGHT
    return Work(rig.database, rig.tenant, rig.clock, {**rig.outside, Senders: Senders({Channel.SMS: sms})})


async def prefer(rig: Rig, who: str, **wishes: object) -> dict[str, object]:
    headers = rig.county[who].headers
    answer = await rig.client.put("/api/v1/me/notification-preferences", json=wishes, headers=headers)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def bobs(rig: Rig, channel: str) -> Delivery:
    return await rig.delivery("bob", channel=channel)


async def test_a_refused_person_is_told_by_the_next_way_at_once_and_once(
    rig: Rig, work: Work, sms: Telephone
) -> None:
    rig.world.credits.drop("obob", "tpl-overdue")
    for _ in range(3):
        await delivering.deliver(work)
        await rig.machine_time_passes()
    first, second = await bobs(rig, "wechat"), await bobs(rig, "sms")
    assert (first.state, first.reason, first.fell_back) == ("rejected", "not-subscribed", True)
    assert (second.state, second.instead_of, second.fell_back) == ("delivered", first.id, False)
    [push] = [push for push in sms.sent if push.line == "overdue"]
    assert (push.address, push.line, push.key) == (PHONE, "overdue", second.id)


async def test_a_quota_hands_the_message_on_and_the_channel_is_left_alone_till_it_is_well(
    rig: Rig, work: Work, sms: Telephone
) -> None:
    rig.world.faults.set("quota", path=SEND)
    await delivering.deliver(work)
    await delivering.deliver(work)
    assert [push.line for push in sms.sent].count("overdue") == 1
    assert rig.world.calls[SEND] == 1  # bella and carol wait: one refusal was enough
    async with rig.database.unit(rig.tenant) as tx:
        assert await circuits.open_channels(tx, machine=machine_now()) == {"wechat"}

    rig.world.faults.set("none")
    await rig.machine_time_passes()
    for _ in range(3):
        await delivering.deliver(work)
    assert (len(rig.pushed("bella")), len(rig.pushed("carol")), len(rig.pushed("bob"))) == (1, 1, 0)
    async with rig.database.unit(rig.tenant) as tx:
        assert await circuits.open_channels(tx, machine=machine_now()) == set()


async def test_of_all_workers_one_tries_whether_a_channel_is_back(rig: Rig, work: Work) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        await circuits.note(tx, Channel.WECHAT, Rejected("banned", Stands.CHANNEL), machine=machine_now())
    later = machine_now() + timedelta(hours=1)
    async with rig.database.unit(rig.tenant) as one, rig.database.unit(rig.tenant) as two:
        assert await circuits.open_until(one, Channel.WECHAT, machine=later) is None
        await one.commit()
        assert await circuits.open_until(two, Channel.WECHAT, machine=later) is not None


async def test_an_unreachable_channel_is_tried_once_more_and_then_passed_by(
    rig: Rig, sms: Telephone, work: Work
) -> None:
    down = Telephone()
    down.answers.extend([Retry(60, "unreachable")] * 10)
    both = Senders({Channel.WECHAT: down, Channel.SMS: sms})
    work = Work(rig.database, rig.tenant, rig.clock, {**rig.outside, Senders: both})
    await delivering.deliver(work)
    assert (await bobs(rig, "wechat")).state == "pending"
    await rig.machine_time_passes()
    await delivering.deliver(work)
    await delivering.deliver(work)
    assert ((await bobs(rig, "wechat")).state, (await bobs(rig, "sms")).state) == ("rejected", "delivered")


async def test_a_dead_address_is_used_no_more_and_the_office_is_told(
    rig: Rig, work: Work, sms: Telephone
) -> None:
    await prefer(rig, "bob", channels=["sms", "wechat"])
    sms.answers.append(Rejected("phone-unfit", Stands.PERSON))
    await rig.assigned()
    await rig.notice(EIGHT + timedelta(days=7))
    for _ in range(3):
        await delivering.deliver(work)
    await rig.read_feed()
    async with rig.database.unit(rig.tenant) as tx:
        [address] = (await tx.exec(select(Address).where(Address.channel == "sms"))).all()
    assert (address.disabled_at is not None, address.disabled_reason) == (True, "phone-unfit")
    assert len(await rig.deliveries("carol", line="address_dead", channel="inbox")) == 1
    assert (await prefer(rig, "bob"))["ways"] == ["wechat"]
    assert (await prefer(rig, "bob", addresses={"sms": PHONE}))["ways"] == ["wechat", "sms"]


@pytest.mark.parametrize(
    ("receipt", "state", "told_by_wechat"),
    [
        (Delivered("r1"), "delivered", 0),
        (Rejected("not-received", Stands.PERSON), "rejected", 1),
        (None, "unknown", 0),
    ],
)
async def test_a_text_message_whose_answer_was_lost_is_asked_after_and_never_sent_again(
    rig: Rig, work: Work, receipt: Outcome | None, state: str, told_by_wechat: int
) -> None:
    await prefer(rig, "bob", channels=["sms", "wechat"])
    sms = SilentTelephone()
    work = Work(rig.database, rig.tenant, rig.clock, {**rig.outside, Senders: Senders({Channel.SMS: sms})})
    await rig.assigned()
    await rig.notice(EIGHT + timedelta(days=7))
    for _ in range(3):
        await delivering.deliver(work)
        await rig.machine_time_passes()
    before = rig.pushed("bob")
    assert [push.line for push in sms.sent].count("overdue") == 1
    if receipt:
        sms.receipts[PHONE] = receipt
    async with rig.database.unit(rig.tenant) as tx:
        for unknown in (await tx.exec(select(Delivery).where(Delivery.state == "unknown"))).all():
            unknown.available_at = machine_now()
    await jobs.reconcile(work)
    for _ in range(2):
        await delivering.deliver(work)
    states = {row.state for row in await rig.deliveries("bob", line="overdue", channel="sms")}
    assert state in states
    assert len(rig.pushed("bob")) - len(before) == told_by_wechat
    assert len(sms.sent) == len({push.key for push in sms.sent})
