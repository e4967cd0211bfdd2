"""No URL leaves the HTTP layer, neither in a log nor in an error."""

import logging

import httpx
import pytest

from app.adapters.http import Unreachable, make_client, send

URL = "/x?access_token=SECRET"


def failing_with(error: type[httpx.TransportError]) -> httpx.MockTransport:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error(f"failed at {request.url}", request=request)

    return httpx.MockTransport(fail)


@pytest.mark.parametrize(
    ("error", "arrived"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.RemoteProtocolError, True),
    ],
)
async def test_silence_is_told_from_never_having_been_sent(
    error: type[httpx.TransportError], arrived: bool
) -> None:
    async with make_client("https://wechat.test", transport=failing_with(error)) as http:
        with pytest.raises(Unreachable) as caught:
            await send(http, "GET", URL)

    assert caught.value.arrived is arrived
    assert str(caught.value) == error.__name__


async def test_an_error_leads_back_to_no_url() -> None:
    async with make_client("https://wechat.test", transport=failing_with(httpx.ReadTimeout)) as http:
        with pytest.raises(Unreachable) as caught:
            await send(http, "GET", URL)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_urls_are_not_logged_although_everything_else_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answering = httpx.MockTransport(lambda request: httpx.Response(200))

    async with make_client("https://wechat.test", transport=answering) as http:
        await send(http, "GET", URL)

    assert caplog.messages == []


def test_time_limits_are_three_seconds_to_connect_and_eight_to_read() -> None:
    timeout = make_client("https://wechat.test").timeout
    assert (timeout.connect, timeout.read) == (3, 8)
