"""Brands: the marks on cards, experiences and offers."""

from catalog.brands.adopt_brands import AdoptedBrands, adopt_brands
from catalog.brands.create_brand import create_brand
from catalog.brands.errors import BrandInvalid, BrandNotFound, BrandSlugTaken
from catalog.brands.model import Brand
from catalog.brands.queries import get_brand, get_brands, list_brands

__all__ = [
    "AdoptedBrands",
    "Brand",
    "BrandInvalid",
    "BrandNotFound",
    "BrandSlugTaken",
    "adopt_brands",
    "create_brand",
    "get_brand",
    "get_brands",
    "list_brands",
]
