"""Room rewards."""
