"""Room offers."""
