"""Typed environment. No secret has a default; production refuses to start on a placeholder."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACEHOLDER = "change-me"
REAL_WECHAT = "https://api.weixin.qq.com"


class Settings(BaseSettings):
    """Every field is described in .env.example; a test compares the two."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    environment: Literal["development", "production"] = "development"
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    var_dir: Path = Path("var")

    database_url: str | None = None
    database_owner_url: str | None = None
    database_pool: int = Field(default=8, ge=1, le=100)

    token_keys: SecretStr
    field_keys: SecretStr
    index_key: SecretStr

    files_dir: Path | None = None

    opinions_per_station_hour: int = Field(default=300, ge=1)
    opinions_per_device_hour: int = Field(default=30, ge=1)

    wechat_api_base: str = REAL_WECHAT
    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_push_token: SecretStr = SecretStr("")
    wechat_push_aes_key: SecretStr = SecretStr("")
    wechat_template_due_soon: str = ""
    wechat_template_overdue: str = ""

    webhook_allow_private: bool = False

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def files(self) -> Path:
        return self.files_dir or self.var_dir / "files"

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.environment != "production":
            return self
        if self.demo:
            raise ValueError("DEMO must be off in production")
        if not self.database_url:
            raise ValueError("production needs DATABASE_URL")
        if self.webhook_allow_private:
            raise ValueError("WEBHOOK_ALLOW_PRIVATE must be off in production")
        if self.wechat_api_base != REAL_WECHAT:
            raise ValueError(f"production needs WECHAT_API_BASE={REAL_WECHAT}")
        for name in ("token_keys", "field_keys", "index_key"):
            if PLACEHOLDER in getattr(self, name).get_secret_value():
                raise ValueError(f"{name.upper()} is still a placeholder")
        return self


@lru_cache
def settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # the environment gives the rest
