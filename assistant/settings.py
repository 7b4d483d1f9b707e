"""Every setting, in one frozen object, read once at start-up from the environment and `.env`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingInvalid

SHIPPED_CORPUS = Path(__file__).resolve().parent.parent / "corpus"
BUNDLED_MODEL = "all-MiniLM-L6-v2"


class EmbeddingBackend(StrEnum):
    """What computes embeddings. `auto` is OpenVINO where it runs, else torch."""

    AUTO = "auto"
    OPENVINO = "openvino"
    TORCH = "torch"


class Settings(BaseSettings):
    """The settings. Each is the environment variable `COMPACT_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="COMPACT_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    data_dir: Path = Field(default=Path("data"), description="Where indexes and records are kept.")
    corpus_dir: Path = Field(default=SHIPPED_CORPUS, description="The folder of guidance and tables.")
    area: str | None = Field(default=None, description="The place a question is about when it does not say.")
    embedding_model: str = Field(
        default=BUNDLED_MODEL, description="The bundled model, or the path of a sentence-transformers model folder."
    )
    embedding_backend: EmbeddingBackend = Field(default=EmbeddingBackend.AUTO, description="auto, openvino or torch.")
    chroma_url: str | None = Field(default=None, description="A Chroma server, http(s)://host:port; unset: embedded.")
    database_url: SecretStr | None = Field(default=None, description="Records; unset: SQLite in the data folder.")
    chat_model: str | None = Field(default=None, description="provider:model for LangChain; unset: no chat model.")
    chat_timeout_seconds: float = Field(default=20.0, gt=0, description="How long to wait for the chat model.")
    slack_bot_token: SecretStr | None = Field(default=None, description="xoxb-…, for the Slack bot.")
    slack_app_token: SecretStr | None = Field(default=None, description="xapp-…, for Socket Mode.")
    slack_signing_secret: SecretStr | None = Field(default=None, description="For Slack events over HTTP.")
    api_tokens: SecretStr | None = Field(default=None, description="Tokens that may call the API, comma-separated.")
    retention_days: int | None = Field(default=None, gt=0, description="Days that records are kept; unset: for good.")

    @field_validator("chroma_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("write it as http://host:port")
        return value

    @field_validator("data_dir", "corpus_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()


def load_settings(**given: object) -> Settings:
    """Read the settings; what is given wins over the environment. Raises SettingInvalid naming each wrong one."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = "COMPACT_" + "_".join(str(part) for part in problem["loc"]).upper()
            secret = any(word in name for word in ("TOKEN", "SECRET", "DATABASE_URL"))
            seen = "" if secret else f" (it is {problem['input']!r})"
            lines.append(f"{name}: {problem['msg']}{seen}. Correct it in the environment or in .env.")
        raise SettingInvalid("\n".join(lines)) from error
