"""Migrations: numbered, each before (`pre`) or after (`post`) the code that needs it."""
