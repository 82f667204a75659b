"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one file: the old text stands there exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake that somebody could make, what it does to the money, and the tests that see it.

    Each of the tests fails with the bug and passes without it: on what it asserts, or, where a
    second guard stops the mistake with an error, on the error that `seen_as` quotes.
    """

    name: str
    breaks: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    seen_as: str = ""

    @property
    def test_names(self) -> set[str]:
        """The tests without their cases."""
        return {test.partition("[")[0] for test in self.tests}
