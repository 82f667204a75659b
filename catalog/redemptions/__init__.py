"""Redemptions: value turned into cards and seats."""
