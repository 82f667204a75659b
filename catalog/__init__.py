"""The shop: what a member can get."""
