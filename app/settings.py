"""Typed environment. No secret has a default; production refuses to start on a placeholder."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACEHOLDER = "change-me"
REAL_WECHAT = "https://api.weixin.qq.com"
REAL_WECOM = "https://qyapi.weixin.qq.com"

# A setting that switches a channel on → those it cannot do without.
CHANNELS = {
    "sms_provider": ("sms_key_id", "sms_key_secret", "sms_sign_name"),
    "wecom_corpid": ("wecom_agentid", "wecom_secret"),
    "mail_host": ("mail_sender",),
}


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


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
    database_pooler: bool = False

    token_keys: SecretStr
    field_keys: SecretStr
    index_key: SecretStr

    files_dir: Path | None = None
    audit_anchor_dir: Path | None = None
    papers_dir: Path | None = None

    opinions_per_station_hour: int = Field(default=300, ge=1)
    opinions_per_device_hour: int = Field(default=30, ge=1)

    wechat_api_base: str = REAL_WECHAT
    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_push_token: SecretStr = SecretStr("")
    wechat_push_aes_key: SecretStr = SecretStr("")
    wechat_template_due_soon: str = ""
    wechat_template_overdue: str = ""
    wechat_long_term: bool = False

    sms_provider: Literal["", "tencent", "aliyun"] = ""
    sms_api_base: str = ""
    sms_key_id: str = ""
    sms_key_secret: SecretStr = SecretStr("")
    sms_app_id: str = ""
    sms_region: str = "ap-guangzhou"
    sms_sign_name: str = ""
    sms_template_due_soon: str = ""
    sms_template_overdue: str = ""
    sms_template_notice: str = ""

    wecom_api_base: str = REAL_WECOM
    wecom_corpid: str = ""
    wecom_agentid: int = 0
    wecom_secret: SecretStr = SecretStr("")
    wecom_bot_key: SecretStr = SecretStr("")

    mail_host: str = ""
    mail_port: int = Field(default=465, ge=1, le=65535)
    mail_security: Literal["tls", "starttls", "none"] = "tls"
    mail_sender: str = ""
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")

    webhook_allow_private: bool = False

    sweep_alarm_seconds: int = Field(default=300, ge=10)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def files(self) -> Path:
        return self.files_dir or self.var_dir / "files"

    @property
    def long_term_templates(self) -> frozenset[str]:
        """Those of WeChat's templates that one yes opens for good."""
        templates = {self.wechat_template_due_soon, self.wechat_template_overdue}
        return frozenset(templates - {""}) if self.wechat_long_term else frozenset()

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @model_validator(mode="after")
    def _whole_channels(self) -> "Settings":
        """Half of a channel's settings would fail at the first message: say so at the start."""
        for switch, needed in CHANNELS.items():
            missing = [name for name in needed if not _plain(getattr(self, name))]
            if _plain(getattr(self, switch)) and missing:
                raise ValueError(f"{switch.upper()} needs {', '.join(missing).upper()}")
        if self.mail_security == "none" and self.mail_password.get_secret_value():
            raise ValueError("MAIL_SECURITY=none would send MAIL_PASSWORD in clear")
        return self

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
        if self.sms_api_base:
            raise ValueError("production needs SMS_API_BASE empty: the provider's own address")
        if self.wecom_api_base != REAL_WECOM:
            raise ValueError(f"production needs WECOM_API_BASE={REAL_WECOM}")
        self._need_secrets()
        return self

    def _need_secrets(self) -> None:
        if self.wechat_push_token.get_secret_value() and not self.wechat_push_aes_key.get_secret_value():
            raise ValueError("production needs WECHAT_PUSH_AES_KEY: in plain mode nothing vouches for a body")
        for name in ("token_keys", "field_keys", "index_key"):
            if PLACEHOLDER in getattr(self, name).get_secret_value():
                raise ValueError(f"{name.upper()} is still a placeholder")


@lru_cache
def settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # the environment gives the rest
