"""Room pricing."""
