"""Doubles of the outside world: local HTTP servers for development, demonstrations and tests."""
