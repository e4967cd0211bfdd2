from pathlib import Path

import pytest

from app.demo.supervisor import _environment
from app.settings import Settings
from app.webhooks.sender import policy_of
from tests.conftest import KEYS


def test_a_receiver_on_the_same_machine_hears_the_demos_webhooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {name.upper(): value for name, value in KEYS.items()}
    for name, value in _environment(tmp_path, "127.0.0.1", 8000, keys).items():
        monkeypatch.setenv(name, value)

    chosen = Settings(_env_file=None)  # type: ignore[call-arg]

    assert chosen.webhook_allow_private is True
    assert policy_of(chosen).allow_private is True
