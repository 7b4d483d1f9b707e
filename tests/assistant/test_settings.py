"""The settings: where they come from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.errors import SettingInvalid
from assistant.settings import BUNDLED_MODEL, SHIPPED_CORPUS, EmbeddingBackend, load_settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are read from `.env` where the program runs: run where there is none."""
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data_dir == tmp_path / "data"
    assert settings.corpus_dir == SHIPPED_CORPUS
    assert settings.embedding_model == BUNDLED_MODEL
    assert settings.embedding_backend is EmbeddingBackend.AUTO
    assert (settings.area, settings.chroma_url, settings.database_url, settings.chat_model) == (None,) * 4


def test_shipped_corpus_is_there() -> None:
    assert (SHIPPED_CORPUS / "tables" / "places.csv").is_file()


def test_environment_is_read_with_its_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPACT_AREA", "Derby")
    monkeypatch.setenv("COMPACT_DATA_DIR", "kept/here")
    settings = load_settings()
    assert settings.area == "Derby"
    assert settings.data_dir == tmp_path / "kept" / "here"


def test_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMPACT_AREA=Derby\nCOMPACT_CHAT_MODEL=a:b\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("COMPACT_AREA", "Merton")
    settings = load_settings()
    assert (settings.area, settings.chat_model) == ("Merton", "a:b")


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPACT_AREA", "Merton")
    assert load_settings(area="Derby").area == "Derby"


def test_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPACT_CHROMA_URL", "")
    monkeypatch.setenv("COMPACT_RETENTION_DAYS", "")
    settings = load_settings()
    assert (settings.chroma_url, settings.retention_days) == (None, None)


def test_home_folder_may_be_written_as_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert load_settings(data_dir="~/compact").data_dir == Path("/somewhere/compact")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COMPACT_EMBEDDING_BACKEND", "gpu", "'openvino'"),
        ("COMPACT_CHROMA_URL", "localhost:8000", "http://host:port"),
        ("COMPACT_CHAT_TIMEOUT_SECONDS", "soon", "number"),
        ("COMPACT_CHAT_TIMEOUT_SECONDS", "0", "greater than 0"),
        ("COMPACT_RETENTION_DAYS", "-3", "greater than 0"),
    ],
)
def test_wrong_setting_is_named_with_its_value_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingInvalid) as raised:
        load_settings()
    message = str(raised.value)
    assert message.startswith(f"{name}: ")
    assert said in message
    assert repr(value) in message
    assert "Correct it in the environment or in .env." in message


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPACT_RETENTION_DAYS", "x")
    monkeypatch.setenv("COMPACT_EMBEDDING_BACKEND", "y")
    with pytest.raises(SettingInvalid) as raised:
        load_settings()
    assert len(str(raised.value).splitlines()) == 2


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "API_TOKENS", "DATABASE_URL"]
    for name in secrets:
        monkeypatch.setenv(f"COMPACT_{name}", "hush-hush")
    settings = load_settings()
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "hush-hush"


def test_wrong_secret_is_named_without_its_value() -> None:
    with pytest.raises(SettingInvalid) as raised:
        load_settings(api_tokens=["hush-hush"])
    assert "COMPACT_API_TOKENS" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().area = "Derby"  # type: ignore[misc]
