"""What a seeded world is remembered by: ids and credentials, kept so that they can be shown again.

The records hold secrets of made-up people of made-up networks; their file is the owner's alone.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey

from api.auth import sign_member_token
from api.graphql.nodes import id_of

TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """Credentials for /oauth/token."""

    role: str
    subject: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """A partner, its client and, when it has members, the key that signs their tokens."""

    partner_id: UUID
    label: str
    name: dict[str, str]
    client: ClientRecord
    brand_key: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member, known to a partner by an id of the partner's."""

    member_id: UUID
    external_id: str
    partner: str


@dataclass(frozen=True, slots=True)
class RewardRecord:
    """A reward under a name for scripts."""

    reward_id: UUID
    label: str
    type: str


@dataclass(slots=True)
class NetworkRecord:
    """A network and everybody in it that a script may want to be."""

    network_id: int
    slug: str
    currency: str
    programme_id: UUID | None = None
    staff: list[ClientRecord] = field(default_factory=list)
    partners: list[PartnerRecord] = field(default_factory=list)
    members: list[MemberRecord] = field(default_factory=list)
    rewards: list[RewardRecord] = field(default_factory=list)

    def partner(self, label: str) -> PartnerRecord:
        """Find a partner by its name for scripts."""
        return next(one for one in self.partners if one.label == label)

    def client(self, role: str) -> ClientRecord:
        """Find the first client of a role."""
        return next(one for one in self.staff if one.role == role)


@dataclass(frozen=True, slots=True)
class WorldRecord:
    """The networks that one run of a profile made."""

    profile: str
    seed: int
    networks: list[NetworkRecord]


def show_world(world: WorldRecord, *, issuer: str, now: datetime) -> dict[str, Any]:
    """Describe a world for `--json`: with global ids, and with member tokens signed now."""
    return {
        "profile": world.profile,
        "seed": world.seed,
        "url": issuer,
        "networks": [_show_network(one, issuer, now) for one in world.networks],
    }


def sign_for(network: NetworkRecord, member: MemberRecord, *, issuer: str, now: datetime) -> str:
    """Sign a member's token as its partner's own backend does."""
    brand_key = network.partner(member.partner).brand_key
    assert brand_key is not None, "a partner of members has a key"
    return sign_member_token(
        ECKey.import_key(brand_key),
        kid=brand_key["kid"],
        issuer=issuer,
        external_id=member.external_id,
        now=now,
        lifetime_seconds=TOKEN_SECONDS,
    )


def _show_network(network: NetworkRecord, issuer: str, now: datetime) -> dict[str, Any]:
    def global_id(kind: str, key: UUID) -> str:
        return id_of(kind, network.network_id, key)

    return {
        "network_id": network.network_id,
        "slug": network.slug,
        "currency": network.currency,
        "programme": (
            None if network.programme_id is None else global_id("Programme", network.programme_id)
        ),
        "staff": [asdict(one) for one in network.staff],
        "partners": [
            {
                "label": one.label,
                "id": global_id("Partner", one.partner_id),
                "partner_id": str(one.partner_id),
                "name": one.name,
                "client_id": one.client.client_id,
                "client_secret": one.client.client_secret,
                "brand_key": one.brand_key,
            }
            for one in network.partners
        ],
        "members": [
            {
                "id": global_id("Member", one.member_id),
                "member_id": str(one.member_id),
                "external_id": one.external_id,
                "partner": one.partner,
                "token": sign_for(network, one, issuer=issuer, now=now),
            }
            for one in network.members
        ],
        "rewards": [
            {"label": one.label, "id": global_id("Reward", one.reward_id), "type": one.type}
            for one in network.rewards
        ],
    }


def keep_world(path: Path, world: WorldRecord) -> None:
    """Keep a world's record in a file that only its owner reads."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".world-")
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(world), file, ensure_ascii=False, default=str)
    os.replace(draft, path)


def find_world(path: Path) -> WorldRecord | None:
    """Read a record back; None when there is none."""
    if not path.exists():
        return None
    kept = json.loads(path.read_text())
    return WorldRecord(
        kept["profile"], kept["seed"], [_read_network(one) for one in kept["networks"]]
    )


def _read_network(kept: dict[str, Any]) -> NetworkRecord:
    return NetworkRecord(
        network_id=kept["network_id"],
        slug=kept["slug"],
        currency=kept["currency"],
        programme_id=UUID(kept["programme_id"]) if kept.get("programme_id") else None,
        staff=[ClientRecord(**one) for one in kept["staff"]],
        partners=[
            PartnerRecord(
                UUID(one["partner_id"]),
                one["label"],
                one["name"],
                ClientRecord(**one["client"]),
                one["brand_key"],
            )
            for one in kept["partners"]
        ],
        members=[
            MemberRecord(UUID(one["member_id"]), one["external_id"], one["partner"])
            for one in kept["members"]
        ],
        rewards=[
            RewardRecord(UUID(one["reward_id"]), one["label"], one["type"])
            for one in kept["rewards"]
        ],
    )
