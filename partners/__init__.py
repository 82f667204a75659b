"""The people: who takes part, and why value is earned."""
