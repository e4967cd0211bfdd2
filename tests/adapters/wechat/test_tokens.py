"""One token for all: asked for once, renewed once, forced rarely."""

import asyncio

import pytest

from app.adapters.wechat.errors import STABLE_TOKEN, Kind, WeChatError
from app.adapters.wechat.tokens import Token, renew, usable_until
from tests.adapters.wechat.rig import NOON, HandClock, Rig, a_rig

WXACODE = "/wxa/getwxacodeunlimit"


async def a_call(rig: Rig) -> bytes:
    return await rig.wechat.get_wxacode_unlimit("s=1", "pages/index/index")


async def test_fifty_calls_at_expiry_ask_for_one_token(rig: Rig) -> None:
    await a_call(rig)
    rig.clock.advance(seconds=7000)

    await asyncio.gather(*(a_call(rig) for _ in range(50)))

    assert rig.calls(STABLE_TOKEN) == 2
    assert rig.calls(WXACODE) == 51


async def test_the_token_is_used_until_five_minutes_before_its_end(rig: Rig) -> None:
    await a_call(rig)
    rig.clock.advance(seconds=6899)
    await a_call(rig)
    assert rig.calls(STABLE_TOKEN) == 1

    rig.clock.advance(seconds=1)
    await a_call(rig)
    assert rig.calls(STABLE_TOKEN) == 2


async def test_a_token_about_to_end_is_still_used_for_a_minute() -> None:
    assert usable_until(NOON, 100) == usable_until(NOON, 360)


async def test_a_dead_token_handed_out_again_is_forced_once_by_fifty_callers(rig: Rig) -> None:
    await a_call(rig)
    rig.world.tokens.kill()

    await asyncio.gather(*(a_call(rig) for _ in range(50)))

    assert len(rig.world.tokens.forced) == 1
    assert rig.calls(STABLE_TOKEN) == 3  # the first, the same again, the forced one


async def test_a_token_renewed_by_someone_else_is_taken_without_force(rig: Rig) -> None:
    await a_call(rig)
    rig.world.tokens.kill()
    rig.world.tokens.newest = ""

    await a_call(rig)

    assert rig.world.tokens.forced == []


async def test_a_storm_of_dead_tokens_is_forced_every_thirty_seconds_at_most(rig: Rig) -> None:
    await a_call(rig)
    for _ in range(12):
        rig.world.tokens.kill()
        await asyncio.gather(*(a_call(rig) for _ in range(5)), return_exceptions=True)
        rig.clock.advance(seconds=10)

    # 120 s: at 0, 30, 60, 90
    assert rig.world.tokens.forces_asked == len(rig.world.tokens.forced) == 4


async def test_force_is_used_twenty_times_a_day_and_again_after_midnight(rig: Rig) -> None:
    await a_call(rig)
    for _ in range(25):
        rig.world.tokens.kill()
        await asyncio.gather(a_call(rig), return_exceptions=True)
        rig.clock.advance(seconds=31)
    assert rig.world.tokens.forces_asked == len(rig.world.tokens.forced) == 20

    rig.clock.advance(hours=12)
    await a_call(rig)
    rig.world.tokens.kill()
    await a_call(rig)
    assert len(rig.world.tokens.forced) == 21


async def test_force_whose_answer_is_lost_counts_all_the_same() -> None:
    clock, kept = HandClock(), list[Token]()
    held = Token("dead", usable_until(NOON, 7200))

    async def ask(force: bool) -> Token:
        if force:
            raise WeChatError(-1, "ReadTimeout", STABLE_TOKEN, Kind.BUSY)
        return held

    async def note(token: Token) -> None:
        kept.append(token)

    with pytest.raises(WeChatError):
        await renew(held, "dead", ask, now=clock(), note=note)

    [noted] = kept
    assert (noted.forced_at, noted.forces) == (NOON, 1)
    assert not noted.is_live(NOON)


async def test_a_second_refusal_after_renewal_is_not_tried_again(rig: Rig) -> None:
    await a_call(rig)
    rig.world.refuse_next(WXACODE, 40001, times=3)

    with pytest.raises(WeChatError) as caught:
        await a_call(rig)

    assert caught.value.kind is Kind.TOKEN
    assert rig.calls(WXACODE) == 3


async def test_a_wrong_secret_is_the_operators_matter_and_asked_once() -> None:
    rig = a_rig()
    rig.world.secret = "another"

    with pytest.raises(WeChatError) as caught:
        await a_call(rig)

    assert (caught.value.errcode, caught.value.kind) == (40125, Kind.CONFIG)
    assert rig.calls(STABLE_TOKEN) == 1


async def test_the_old_token_address_is_never_called(rig: Rig) -> None:
    await a_call(rig)
    assert rig.calls("/cgi-bin/token") == 0


def test_a_token_does_not_show_itself() -> None:
    assert "SECRET" not in repr(Token("SECRET", NOON))
