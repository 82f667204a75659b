"""Vouchers: delivered codes, kept encrypted and shown once."""
