"""Taking over the brands that a supplier names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands.model import Brand
from catalog.brands.queries import get_brands_by_slug
from catalog.brands.tables import brand
from payouts.money import new_id
from payouts.statement import Statement

SUPPLIER_LOCALE = "en"

_GIVEN = (
    func.unnest(
        bindparam("brand_ids", type_=ARRAY(Uuid)),
        bindparam("slugs", type_=ARRAY(Text)),
        bindparam("names", type_=ARRAY(Text)),
        bindparam("logo_urls", type_=ARRAY(Text)),
    )
    .table_valued(
        column("brand_id", Uuid),
        column("slug", Text),
        column("name", Text),
        column("logo_url", Text),
    )
    .render_derived(name="given")
)
_INSERT = insert(brand).from_select(
    ["network_id", "brand_id", "slug", "name", "logo_url", "created_at"],
    select(
        bindparam("network_id", type_=BigInteger),
        _GIVEN.c.brand_id,
        _GIVEN.c.slug,
        cast(_GIVEN.c.name, JSONB),
        _GIVEN.c.logo_url,
        bindparam("at", type_=DateTime(timezone=True)),
    ),
)
_ADOPT = Statement(
    _INSERT.on_conflict_do_update(
        index_elements=[brand.c.network_id, brand.c.slug],
        set_={"name": _INSERT.excluded.name},
    ).returning(brand.c.slug, brand.c.brand_id, brand.c.partner_id, brand.c.logo_url)
)


@dataclass(frozen=True, slots=True)
class AdoptedBrands:
    """A supplier's brands by slug, and those that had another English name before."""

    by_slug: Mapping[str, Brand]
    renamed: frozenset[UUID]


async def adopt_brands(
    db: AsyncConnection,
    *,
    network_id: int,
    names: Mapping[str, str],
    logo_urls: Mapping[str, str],
    now: datetime,
) -> AdoptedBrands:
    """Add the brands of these slugs that are new, and take over the English name of the others.

    Names in other languages, which no supplier gave, stay as they are.
    """
    known = await get_brands_by_slug(db, network_id=network_id, slugs=list(names))
    changed = [
        slug
        for slug, name in sorted(names.items())
        if slug not in known or known[slug].name.get(SUPPLIER_LOCALE) != name
    ]
    renamed = frozenset(known[slug].brand_id for slug in changed if slug in known)
    if not changed:
        return AdoptedBrands(known, renamed)
    said = {
        slug: {**(known[slug].name if slug in known else {}), SUPPLIER_LOCALE: names[slug]}
        for slug in changed
    }
    saved = await _ADOPT.rows(
        db,
        {
            "network_id": network_id,
            "brand_ids": [
                known[slug].brand_id if slug in known else new_id(now) for slug in changed
            ],
            "slugs": changed,
            "names": [json.dumps(said[slug]) for slug in changed],
            "logo_urls": [logo_urls.get(slug) for slug in changed],
            "at": now,
        },
    )
    adopted = {
        row["slug"]: Brand(
            row["brand_id"], row["slug"], said[row["slug"]], row["partner_id"], row["logo_url"]
        )
        for row in saved
    }
    return AdoptedBrands({**known, **adopted}, renamed)
