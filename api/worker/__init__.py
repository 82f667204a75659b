"""The worker: due work, done in bounded steps outside any request."""
