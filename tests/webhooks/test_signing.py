import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.webhooks import signing

BODY = '{"type":"suggestion.replied","data":{"标题":"无"}}'.encode()


def signed(body: bytes = BODY) -> tuple[str, dict[str, str]]:
    secret = signing.new_secret()
    return secret, signing.headers(secret, id="0198", timestamp=int(time.time()), body=body)


def test_the_standards_own_library_accepts_our_signature() -> None:
    secret, headers = signed()

    assert Webhook(secret).verify(BODY, headers) == {"type": "suggestion.replied", "data": {"标题": "无"}}


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret"])
def test_a_change_of_anything_signed_is_noticed(changed: str) -> None:
    secret, headers = signed()
    body = BODY + b" " if changed == "body" else BODY
    if changed == "secret":
        secret = signing.new_secret()
    if changed in headers:
        headers[changed] = str(int(headers[changed]) + 1)

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


@given(st.text())
def test_whatever_the_body_the_library_agrees(text: str) -> None:
    secret, headers = signed(text.encode("utf-8", "ignore"))

    Webhook(secret).verify(text.encode("utf-8", "ignore"), headers, json_parse=False)


def test_secrets_are_long_and_never_alike() -> None:
    made = {signing.new_secret() for _ in range(100)}

    assert len(made) == 100
    assert {len(secret) for secret in made} == {len("whsec_") + 44}
