"""A picture or a refusal: told apart by their first bytes."""

import io

import httpx
import pytest
from PIL import Image

from app.adapters.wechat.errors import Kind, WeChatError
from tests.adapters.wechat.rig import Rig, a_rig


async def test_a_code_is_a_picture_no_wider_than_asked(rig: Rig) -> None:
    picture = await rig.wechat.get_wxacode_unlimit("s=7Kp2", "pages/station/index", width=400)
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "PNG"
        assert 200 < image.width <= 400


async def test_jpeg_counts_as_a_picture_whatever_it_is_called() -> None:
    def jpeg(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("stable_token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        return httpx.Response(200, content=b"\xff\xd8...", headers={"content-type": "text/plain"})

    rig = a_rig(httpx.MockTransport(jpeg))
    assert await rig.wechat.get_wxacode_unlimit("s=1", "") == b"\xff\xd8..."


@pytest.mark.parametrize(
    ("scene", "page", "errcode"),
    [
        ("", "", 40129),
        ("a" * 33, "", 40129),
        ("100%", "", 40129),
        ("站点", "", 40129),
        ("s=1", "/pages/index", 41030),
        ("s=1", "pages/index?a=1", 41030),
    ],
)
async def test_a_refusal_is_not_taken_for_a_picture(rig: Rig, scene: str, page: str, errcode: int) -> None:
    with pytest.raises(WeChatError) as caught:
        await rig.wechat.get_wxacode_unlimit(scene, page)
    assert (caught.value.errcode, caught.value.kind) == (errcode, Kind.TEMPLATE)
