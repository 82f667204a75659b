"""A brand: the mark on a card, an experience or an offer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from catalog.brands.errors import BrandInvalid
from partners.networks import LAST_RESORT_LOCALE, in_locale

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
SLUG_LENGTH_MAX = 120
URL_LENGTH_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of a network; it may belong to one of the partners."""

    brand_id: UUID
    slug: str
    name: Mapping[str, str]
    partner_id: UUID | None = None
    logo_url: str | None = None

    def name_in(self, locale: str, default_locale: str = LAST_RESORT_LOCALE) -> str:
        """The name in a locale, or the nearest there is."""
        return in_locale(self.name, locale, default_locale)


def check_brand(*, slug: str, logo_url: str | None) -> None:
    """Refuse a brand whose slug or logo cannot be taken."""
    if len(slug) > SLUG_LENGTH_MAX or not SLUG.fullmatch(slug):
        raise BrandInvalid("A slug is of small letters, digits and hyphens.", path=("slug",))
    if logo_url is not None and not (
        logo_url.startswith("https://") and len(logo_url) <= URL_LENGTH_MAX
    ):
        raise BrandInvalid("A logo is an https address.", path=("logo_url",))
