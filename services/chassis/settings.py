"""What can be set from outside, by environment variables `GRIDCASE_…` or options of the command line."""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_VISIBLE = re.compile(r"[\x21-\x7e]+")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and bool(parts.hostname)
        return named and parts.port != 0 and _VISIBLE.fullmatch(url) is not None
    except ValueError:  # no port, or a bracket without its other half
        return False


class KeyNeeded(ValueError):
    """A server that others can reach must ask for a key."""


class Settings(BaseSettings):
    """One process's settings; docs/settings.md lists them."""

    model_config = SettingsConfigDict(env_prefix="GRIDCASE_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on; anything but loopback needs a key")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    data: Path = Field(default=Path("data"), description="Directory of the log, the keys and the search table")
    key: SecretStr | None = Field(default=None, description="Bearer key that every request must carry")
    partitions: int = Field(default=16, description="Log partitions, fixed when the store is made; a power of two")
    url: str | None = Field(default=None, description="Server that command-line tools ask, instead of the one on DATA")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _safe(self) -> "Settings":
        if not self.loopback and self.key is None:
            raise KeyNeeded(
                f"{self.host} can be reached by others: set GRIDCASE_KEY to a secret of at least 16 characters,"
                " or bind 127.0.0.1 / 对外监听必须设置 GRIDCASE_KEY"
            )
        if self.key is not None and len(self.key.get_secret_value()) < 16:
            raise KeyNeeded("GRIDCASE_KEY is shorter than 16 characters / GRIDCASE_KEY 至少 16 个字符")
        if self.key is not None and not _VISIBLE.fullmatch(self.key.get_secret_value()):
            raise KeyNeeded(
                "GRIDCASE_KEY may hold visible ASCII characters only: it is sent in a header"
                " / GRIDCASE_KEY 只能含可见 ASCII 字符"
            )
        if self.url is not None and not _is_address(self.url):
            raise ValueError(
                f"{self.url!r} is not the address of a server: write http://127.0.0.1:8000 (--url, GRIDCASE_URL)"
                " / 服务器地址应形如 http://127.0.0.1:8000"
            )
        if self.partitions < 1 or self.partitions & (self.partitions - 1):
            raise ValueError("GRIDCASE_PARTITIONS must be a power of two / GRIDCASE_PARTITIONS 须为 2 的幂")
        return self
