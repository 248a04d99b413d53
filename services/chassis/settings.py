"""What can be set from outside, by environment variables `GRIDCASE_…` or options of the command line."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from os import getpid
from pathlib import Path
from secrets import token_hex
from socket import gethostname
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from schemas.topics import department_topic

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


class DatabaseNeeded(ValueError):
    """What was asked for needs the databases of the distributed form."""

    def __init__(self) -> None:
        super().__init__(
            "set GRIDCASE_DATABASE_URL to the PostgreSQL database of the log (postgresql://user:password@host/gridcase),"
            " or run everything in one process with `gridcase up` / 请设置 GRIDCASE_DATABASE_URL，或使用 gridcase up"
        )


class KafkaNeeded(ValueError):
    """A relay has nowhere to write."""

    def __init__(self) -> None:
        super().__init__(
            "set GRIDCASE_KAFKA to Kafka's bootstrap servers (host:9092), or leave the relay out: without Kafka the"
            " services read the log itself / 请设置 GRIDCASE_KAFKA，或不运行 relay"
        )


@dataclass(frozen=True)
class DatabaseUrls:
    """The databases of the distributed form."""

    log: str
    keys: str
    search: str


def _owner() -> str:
    return f"{gethostname()}-{getpid()}-{token_hex(3)}"


def _codes(listed: object) -> object:
    """`A,B` as its parts; what is no text stays as it is."""
    return tuple(filter(None, (code.strip() for code in listed.split(",")))) if isinstance(listed, str) else listed


class Settings(BaseSettings):
    """One process's settings; docs/settings.md lists them."""

    model_config = SettingsConfigDict(env_prefix="GRIDCASE_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on; anything but loopback needs a key")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    data: Path = Field(default=Path("data"), description="Directory of the log, the keys and the search table")
    key: SecretStr | None = Field(default=None, description="Bearer key that every request must carry")
    partitions: int = Field(default=16, description="Log partitions, fixed when the store is made; a power of two")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL database of the log, for services as processes of their own"
    )
    service_password: SecretStr | None = Field(
        default=None,
        description="For `gridcase migrate`: the password that it gives to `gridcase_service`, as whom services log in",
    )
    keys_url: SecretStr | None = Field(
        default=None, description="Database of the petitions' keys; unless set, `<name>_keys` on the log's server"
    )
    search_url: SecretStr | None = Field(
        default=None, description="Database of the search table; unless set, `<name>_search` on the log's server"
    )
    master_key: Path | None = Field(
        default=None, description="File of the key that wraps the petitions' keys; unless set, `master.key` in DATA"
    )
    kafka: str | None = Field(default=None, description="Apache Kafka's bootstrap servers, `host:port,…`")
    kafka_replication: int | None = Field(
        default=None, ge=1, description="Copies of each topic, where there are fewer brokers than the topics ask for"
    )
    kafka_departments: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_codes)] = Field(
        default=(),
        description="Codes of the departments that also have a topic of their own, `dispatch.events.v1.<code>`;"
        " separated by commas, the same for `migrate` and every `relay`",
    )
    rebuild_processes: int = Field(
        default=2,
        ge=1,
        description="Processes that rebuild a read model from a long log together, at most one for each core of the"
        " machine; each takes about 120 MB beside the one that was asked",
    )
    owner: str = Field(
        default_factory=_owner, description="Name under which this process holds partitions; unique among all processes"
    )
    four_eyes: bool = Field(
        default=False,
        description="Once a policy is in force, only two people change it (`gridcase policy publish`), and no import",
    )
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

    @property
    def databases(self) -> DatabaseUrls:
        """Where the log, the keys and the search table are; raises DatabaseNeeded."""
        if self.database_url is None:
            raise DatabaseNeeded
        log = self.database_url.get_secret_value()
        keys, search = (
            given.get_secret_value() if given else _beside(log, purpose)
            for given, purpose in ((self.keys_url, "keys"), (self.search_url, "search"))
        )
        return DatabaseUrls(log, keys, search)

    @property
    def master_key_file(self) -> Path:
        """Where the master key is."""
        return self.master_key or self.data / "master.key"

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
        for code in self.kafka_departments:
            department_topic(code)
        return self


def _beside(url: str, purpose: str) -> str:
    """The URL of the database `<name>_<purpose>` on the same server."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path}_{purpose}").geturl()
