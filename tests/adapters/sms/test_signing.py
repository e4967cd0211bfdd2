"""The providers' own examples, and each step on the way to their signatures."""

import hashlib
from datetime import UTC, datetime

from app.adapters.sms.signing import Acs3, Key, Tc3

# Tencent Cloud's example of signature v3: DescribeInstances at cvm.
TC3 = Tc3(
    host="cvm.tencentcloudapi.com",
    service="cvm",
    body=rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}',
    at=datetime.fromtimestamp(1551113065, UTC),
)
TC3_KEY = Key("AKIDEXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
# Aliyun's example of signature v3: RunInstances at ecs.
ACS3 = Acs3(
    host="ecs.cn-shanghai.aliyuncs.com",
    action="RunInstances",
    version="2014-05-26",
    query={
        "RegionId": "cn-shanghai",
        "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
    },
    at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    nonce="3156853299f313e23d1673dc12e1703d",
)
ACS3_KEY = Key("YourAccessKeyId", "YourAccessKeySecret")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_tencents_canonical_request_and_string_to_sign() -> None:
    assert TC3.canonical_request() == (
        "POST\n/\n\n"
        "content-type:application/json; charset=utf-8\n"
        "host:cvm.tencentcloudapi.com\n\n"
        "content-type;host\n"
        "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
    )
    assert TC3.string_to_sign() == (
        "TC3-HMAC-SHA256\n1551113065\n2019-02-25/cvm/tc3_request\n"
        "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031"
    )


def test_tencents_example_is_signed_as_published() -> None:
    signature = "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    assert TC3.signature(TC3_KEY) == signature
    assert TC3.headers(TC3_KEY)["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}"
    )


def test_tencents_date_is_that_of_the_timestamp_in_utc() -> None:
    night_in_beijing = datetime.fromisoformat("2026-11-26T07:59:59+08:00")
    assert Tc3("h", "sms", b"", night_in_beijing).scope == "2026-11-25/sms/tc3_request"


def test_aliyuns_canonical_request_and_string_to_sign() -> None:
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert ACS3.canonical_request() == (
        f"POST\n/\n{query}\n"
        "host:ecs.cn-shanghai.aliyuncs.com\n"
        "x-acs-action:RunInstances\n"
        f"x-acs-content-sha256:{empty}\n"
        "x-acs-date:2023-10-26T10:22:32Z\n"
        "x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d\n"
        "x-acs-version:2014-05-26\n\n"
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\n"
        f"{empty}"
    )
    assert ACS3.string_to_sign() == f"ACS3-HMAC-SHA256\n{sha256(ACS3.canonical_request())}"


def test_aliyuns_example_is_signed_as_published() -> None:
    signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert ACS3.signature(ACS3_KEY) == signature
    assert ACS3.headers(ACS3_KEY)["Authorization"].endswith(f",Signature={signature}")


def test_aliyuns_query_is_escaped_by_rfc_3986() -> None:
    query = Acs3("h", "a", "v", {"b": "~ *", "a": "村&+"}, ACS3.at, "n").query_string()
    assert query == "a=%E6%9D%91%26%2B&b=~%20%2A"


def test_no_secret_and_no_parameter_shows_in_a_log() -> None:
    shown = f"{TC3_KEY} {TC3} {ACS3_KEY} {ACS3}"
    assert not any(word in shown for word in ("Gu5t9x", "YourAccessKeySecret", "instance-name", "ImageId"))
