"""Checking and opening the user data a mini-program hands us (开放数据校验与解密). Pure."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from app.kernel.errors import Invalid


class UserDataUnreadable(Invalid):
    code = "wechat-user-data-unreadable"

    def __init__(self) -> None:
        super().__init__("微信数据已失效，请重新打开小程序再试")


def decrypt_user_data(session_key: str, iv: str, data: str, *, appid: str) -> dict[str, Any]:
    """Open `encryptedData` (AES-128-CBC); its watermark must name our appid."""
    try:
        opened: dict[str, Any] = json.loads(_decrypt(*map(_decode, (session_key, iv, data))))
        owner = opened["watermark"]["appid"]
    except (ValueError, KeyError, TypeError):
        raise UserDataUnreadable from None
    if owner != appid:
        raise UserDataUnreadable
    return opened


def raw_data_signature(raw_data: str, session_key: str) -> str:
    """What `signature` beside `rawData` must be."""
    # SHA-1 is WeChat's choice.
    return hashlib.sha1((raw_data + session_key).encode()).hexdigest()  # noqa: S324


def session_signature(session_key: str) -> str:
    """Proof of a session key for checksession: the key's characters, not what they encode."""
    return hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()
