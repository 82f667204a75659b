"""Webhooks: what the provider said happened, each once."""
