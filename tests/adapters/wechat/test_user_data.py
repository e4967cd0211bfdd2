"""Published vectors of the open data interface."""

import pytest

from app.adapters.wechat.user_data import (
    UserDataUnreadable,
    decrypt_user_data,
    raw_data_signature,
    session_signature,
)

APPID = "wx4f4bc4dec97d474b"
KEY, IV = "tiihtNczf5v6AKRyjwEUhQ==", "r7BXXKkLb8qrSNn05n0qiA=="
DATA = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNP"
    "dbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyx"
    "VLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid"
    "1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEB"
    "vB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVu"
    "nYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
)
RAW = (
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong",'
    '"country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7'
    'bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
)


def test_user_data_vector() -> None:
    opened = decrypt_user_data(KEY, IV, DATA, appid=APPID)
    assert opened["openId"] == "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    assert opened["watermark"]["timestamp"] == 1477314187


def test_raw_data_vector() -> None:
    assert raw_data_signature(RAW, "HyVFkGl5F5OQWJZZaNzBBg==") == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


def test_session_signature_vector() -> None:
    assert session_signature(KEY) == "7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735"


@pytest.mark.parametrize(
    ("key", "iv", "data", "appid"),
    [
        (KEY, IV, DATA, "wxsomeoneelse"),
        (IV, IV, DATA, APPID),
        (KEY, "short", DATA, APPID),
        (KEY, IV, DATA[:-4], APPID),
        ("", "", "", APPID),
        (KEY, IV, "中文", APPID),
    ],
)
def test_what_is_not_ours_or_not_whole_is_refused(key: str, iv: str, data: str, appid: str) -> None:
    with pytest.raises(UserDataUnreadable):
        decrypt_user_data(key, iv, data, appid=appid)
