"""The story of the platform, played through its public API."""
