"""Brands: the marks on cards, experiences and offers."""

from catalog.brands.adopt_brands import SUPPLIER_LOCALE, adopt_brands
from catalog.brands.create_brand import create_brand
from catalog.brands.errors import BrandInvalid, BrandNotFound, BrandSlugTaken
from catalog.brands.model import Brand
from catalog.brands.queries import get_brand, get_brands, get_brands_by_slug, list_brands

__all__ = [
    "SUPPLIER_LOCALE",
    "Brand",
    "BrandInvalid",
    "BrandNotFound",
    "BrandSlugTaken",
    "adopt_brands",
    "create_brand",
    "get_brand",
    "get_brands",
    "get_brands_by_slug",
    "list_brands",
]
