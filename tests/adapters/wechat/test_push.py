"""Pushes: published vectors, forgeries refused before anything is read, replays recognised."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.wechat.push import PushCrypto, PushReceiver, PushRefused, signature
from app.fakes.wechat.push import PushSigner
from tests.adapters.wechat.rig import NOON

TOKEN, AES_KEY, APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv"
    "ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F"
    "n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe"
    "OBrebufAlr7F9mFUPAJGj04="
)
SAFE = PushReceiver(TOKEN, PushCrypto(AES_KEY, APPID))
SAFE_QUERY = {
    "timestamp": "1714112445",
    "nonce": "415670741",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
SAFE_BODY = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": ENCRYPTED}).encode()


def test_get_vector() -> None:
    query = {
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "echostr": "4375120948345356249",
    }
    assert PushReceiver(TOKEN).echo(query) == "4375120948345356249"
    with pytest.raises(PushRefused):
        PushReceiver("BBBBB").echo(query)


def test_plain_post_vector() -> None:
    query = {
        "timestamp": "1714037059",
        "nonce": "486452656",
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
    }
    assert PushReceiver(TOKEN).open(query, b'{" Event": "x "}') == {"Event": "x"}


def test_safe_mode_vector() -> None:
    opened = SAFE.open(SAFE_QUERY, SAFE_BODY)
    assert (opened["Event"], opened["debug_str"]) == ("debug_demo", "hello world")
    assert len(PushCrypto(AES_KEY, APPID).decrypt(ENCRYPTED)) == 167


def test_reply_vector() -> None:
    sealed = PushCrypto(AES_KEY, APPID).encrypt(b'{"demo_resp":"good luck"}', random=b"707722b803182950")
    assert sealed == (
        "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    )
    assert signature(TOKEN, "1713424427", "415670741", sealed) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(message: bytes) -> None:
    crypto = PushCrypto(AES_KEY, APPID)
    assert crypto.decrypt(crypto.encrypt(message)) == message


@given(st.binary(max_size=120))
def test_rubbish_is_refused_not_a_crash(rubbish: bytes) -> None:
    with pytest.raises(PushRefused):
        SAFE.open(SAFE_QUERY, rubbish)
    with pytest.raises(PushRefused):
        PushCrypto(AES_KEY, APPID).decrypt(rubbish.decode("latin-1"))


@pytest.mark.parametrize(
    "query",
    [
        {**SAFE_QUERY, "msg_signature": "0" * 40},
        {**SAFE_QUERY, "nonce": "415670742"},
        {k: v for k, v in SAFE_QUERY.items() if k != "msg_signature"},
        {**SAFE_QUERY, "msg_signature": "签名"},
        {},
    ],
)
def test_a_wrong_signature_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(PushRefused):
        SAFE.open(query, SAFE_BODY)


def test_a_changed_body_is_refused() -> None:
    body = json.dumps({"Encrypt": ENCRYPTED[:-5] + "AAAA="}).encode()
    with pytest.raises(PushRefused):
        SAFE.open(SAFE_QUERY, body)


def test_safe_mode_does_not_fall_back_to_plain() -> None:
    plain = PushSigner(APPID, TOKEN).sign({"Event": "x"}, at=NOON)
    with pytest.raises(PushRefused):
        SAFE.open(plain.query, plain.body)


def test_a_push_for_another_appid_is_refused() -> None:
    other = PushSigner("wxother", TOKEN, AES_KEY).sign({"Event": "x"}, at=NOON)
    with pytest.raises(PushRefused):
        SAFE.open(other.query, other.body)


@pytest.mark.parametrize("body", [b"", b"[]", b"x", b'{"a":' * 3000 + b"1" + b"}" * 3000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    query = {"timestamp": "1", "nonce": "2", "signature": signature(TOKEN, "1", "2")}
    with pytest.raises(PushRefused):
        PushReceiver(TOKEN).open(query, body)


def test_a_lone_surrogate_is_refused_not_a_crash() -> None:
    with pytest.raises(PushRefused):
        SAFE.open(SAFE_QUERY, b'{"Encrypt": "\\ud800"}')


def test_without_a_token_nobody_is_wechat() -> None:
    query = {"timestamp": "1", "nonce": "2", "signature": signature("", "1", "2")}
    with pytest.raises(PushRefused):
        PushReceiver("").echo(query)


@pytest.mark.parametrize("aes_key", ["", AES_KEY])
@pytest.mark.parametrize("at", [NOON])
def test_what_the_fake_signs_is_opened(aes_key: str, at: datetime) -> None:
    push = PushSigner(APPID, TOKEN, aes_key).sign({"Event": "x", "Text": "村道"}, at=at)
    receiver = PushReceiver(TOKEN, PushCrypto(aes_key, APPID) if aes_key else None)
    assert receiver.open(push.query, push.body) == {"Event": "x", "Text": "村道"}


def test_a_key_of_the_wrong_length_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="43 characters"):
        PushCrypto("A" * 39, APPID)
