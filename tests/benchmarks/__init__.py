"""Figures: each operation against what bounds it from below, in one alternating run."""
