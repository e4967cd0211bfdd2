"""The examples name real settings, and production refuses them as they stand."""

import pytest

from app.infra.crypto import new_key_setting
from app.settings import Settings
from tests.deploy.files import environment, named

KEYS = ("TOKEN_KEYS", "FIELD_KEYS", "INDEX_KEY")
NOT_OURS = {"FORWARDED_ALLOW_IPS"}  # read by uvicorn


def kubernetes_environment() -> dict[str, str]:
    return {**named("ConfigMap", "lianluo")["data"], **named("Secret", "lianluo")["stringData"]}


@pytest.fixture(params=["compose and systemd", "kubernetes"])
def example(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One example's variables, as the process would find them."""
    found = environment("lianluo.env.example") if "compose" in request.param else kubernetes_environment()
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def load() -> Settings:
    return Settings(_env_file=None)  # type: ignore[call-arg]


def test_an_example_names_only_settings_that_exist(example: dict[str, str]) -> None:
    assert {name.lower() for name in set(example) - NOT_OURS} <= set(Settings.model_fields)


@pytest.mark.parametrize("left", KEYS)
def test_production_refuses_an_example_with_one_key_left(
    example: dict[str, str], monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    for name in set(KEYS) - {left}:
        monkeypatch.setenv(name, new_key_setting())
    with pytest.raises(ValueError, match=f"{left} is still a placeholder"):
        load()


def test_production_starts_on_an_example_with_keys(
    example: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, new_key_setting())
    assert load().environment == "production"
