"""Taking over the brands that a supplier names."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

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
    ).returning(brand.c.slug, brand.c.brand_id)
)


async def adopt_brands(
    db: AsyncConnection,
    *,
    network_id: int,
    names: Mapping[str, str],
    logo_urls: Mapping[str, str],
    now: datetime,
) -> dict[str, UUID]:
    """Add the brands of these slugs that are new, and take over the English name of the others.

    Names in other languages, which no supplier gave, stay as they are.
    """
    known = await get_brands_by_slug(db, network_id=network_id, slugs=list(names))
    changed = [
        slug
        for slug, name in sorted(names.items())
        if slug not in known or known[slug].name.get(SUPPLIER_LOCALE) != name
    ]
    ids = {slug: one.brand_id for slug, one in known.items()}
    if changed:
        earlier = {slug: known[slug].name if slug in known else {} for slug in changed}
        saved = await _ADOPT.rows(
            db,
            {
                "network_id": network_id,
                "brand_ids": [ids[slug] if slug in ids else new_id(now) for slug in changed],
                "slugs": changed,
                "names": [
                    json.dumps({**earlier[slug], SUPPLIER_LOCALE: names[slug]}) for slug in changed
                ],
                "logo_urls": [logo_urls.get(slug) for slug in changed],
                "at": now,
            },
        )
        ids |= {row["slug"]: row["brand_id"] for row in saved}
    return ids
