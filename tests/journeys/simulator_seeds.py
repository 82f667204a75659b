"""Seeds whose lives once ended badly; they are lived in every run."""

KEPT: tuple[int, ...] = (299,)
