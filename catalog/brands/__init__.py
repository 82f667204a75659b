"""Brands: the marks on cards, experiences and offers."""
