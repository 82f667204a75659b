"""Jobs: each claims, calls outside with no transaction open, and records."""
