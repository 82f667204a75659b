"""The environment, read once into one frozen value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

POOLERS = ("none", "txn_legacy", "txn_prepared")


class SettingInvalid(Exception):
    """A variable of the environment has a value that Mizan cannot use."""


SUPPLIERS = ("reloadly", "tango", "tremendous", "xoxoday")
"""Suppliers that cards are ordered from, each with an account of ours."""


@dataclass(frozen=True, slots=True)
class SupplierSettings:
    """Who we are at a supplier, and where it is when it is not at its usual address."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    api_base: str | None = None
    auth_base: str | None = None
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    """What its messages are authentic by; several while one is replaced."""
    refresh_token: str = field(default="", repr=False)
    """By which the first access token is asked for, where the supplier wants one."""
    token_file: Path | None = None
    """Where the tokens that came after it are kept."""
    order_deadline_seconds: float | None = None
    """When an order without an answer is given up; None is the usual time of the supplier."""
    account: str | None = None
    """Which of our accounts there pays, where there are several."""
    customer: str | None = None
    """Whose account it is, where the supplier asks for that too."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process reaches its database, its keys and the outside world."""

    data_dir: Path
    database_url: str | None = None
    migrator_url: str | None = None
    pg_bin: Path | None = None
    pooler: str = "none"
    clock_file: Path | None = None
    issuer: str = "http://127.0.0.1:8000"
    secret_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    stripe_api_key: str | None = field(default=None, repr=False)
    stripe_api_base: str | None = None
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    suppliers: Mapping[str, SupplierSettings] = field(default_factory=dict)
    """Those that we have an account with, by name."""
    feed_tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Tokens for feeds that networks describe, each by the one host that it is sent to."""
    feed_test_origins: tuple[str, ...] = ()
    """Origins of a test's own doubles of feeds; every other that is not public is refused."""

    @property
    def is_stripe_live(self) -> bool:
        """True when the Stripe key can move real money."""
        return (self.stripe_api_key or "").startswith(("sk_live_", "rk_live_"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read MIZAN_*, DATABASE_URL, STRIPE_* and the variables of suppliers, such as RELOADLY_*.

        Raises SettingInvalid when a value cannot be used, and when a test clock is combined with
        a Stripe key that moves real money.
        """
        env = os.environ if environment is None else environment
        data_dir = Path(env.get("MIZAN_DATA_DIR") or ".mizan").resolve()
        database_url = env.get("DATABASE_URL") or None
        settings = cls(
            data_dir=data_dir,
            database_url=database_url,
            migrator_url=env.get("MIZAN_MIGRATOR_URL") or None,
            pg_bin=Path(env["MIZAN_PG_BIN"]) if env.get("MIZAN_PG_BIN") else None,
            pooler=env.get("MIZAN_DB_POOLER") or "none",
            clock_file=_clock_file(env, data_dir, is_embedded=database_url is None),
            issuer=env.get("MIZAN_ISSUER") or "http://127.0.0.1:8000",
            secret_keys=_pairs("MIZAN_SECRET_KEYS", "id=key, newest first", env),
            stripe_api_key=env.get("STRIPE_API_KEY") or None,
            stripe_api_base=env.get("STRIPE_API_BASE") or None,
            stripe_webhook_secrets=_listed(env.get("STRIPE_WEBHOOK_SECRET") or ""),
            suppliers=_suppliers(env, data_dir),
            feed_tokens=_pairs("MIZAN_FEED_TOKENS", "host=token", env),
            feed_test_origins=_listed(env.get("MIZAN_FEED_TEST_ORIGINS") or ""),
        )
        if settings.pooler not in POOLERS:
            raise SettingInvalid(f"MIZAN_DB_POOLER is one of {', '.join(POOLERS)}.")
        if settings.clock_file and settings.is_stripe_live:
            raise SettingInvalid("A test clock is refused with a live Stripe key.")
        if settings.feed_test_origins and settings.is_stripe_live:
            raise SettingInvalid("Test origins of feeds are refused with a live Stripe key.")
        return settings


def _clock_file(env: Mapping[str, str], data_dir: Path, *, is_embedded: bool) -> Path | None:
    if env.get("MIZAN_CLOCK_FILE"):
        return Path(env["MIZAN_CLOCK_FILE"])
    is_live = (env.get("STRIPE_API_KEY") or "").startswith(("sk_live_", "rk_live_"))
    return data_dir / "clock" if is_embedded and not is_live else None


def _suppliers(env: Mapping[str, str], data_dir: Path) -> dict[str, SupplierSettings]:
    found = {}
    for name in SUPPLIERS:
        prefix = name.upper()
        if client_id := env.get(f"{prefix}_CLIENT_ID"):
            found[name] = SupplierSettings(
                client_id,
                env.get(f"{prefix}_CLIENT_SECRET") or "",
                env.get(f"{prefix}_API_BASE") or None,
                env.get(f"{prefix}_AUTH_BASE") or None,
                webhook_secrets=_listed(env.get(f"{prefix}_WEBHOOK_SECRET") or ""),
                refresh_token=env.get(f"{prefix}_REFRESH_TOKEN") or "",
                token_file=data_dir / "suppliers" / f"{name}.tokens",
                account=env.get(f"{prefix}_ACCOUNT") or None,
                customer=env.get(f"{prefix}_CUSTOMER") or None,
            )
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pairs(variable: str, form: str, env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in _listed(env.get(variable) or ""):
        name, _, secret = part.partition("=")
        if not name or not secret:
            raise SettingInvalid(f"{variable} is a list of {form}.")
        pairs.append((name, secret))
    return tuple(pairs)
