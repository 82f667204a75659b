"""Refusals of files and of their lines."""

from payouts.refusal import Refusal


class FileUnreadable(Refusal):
    """The file is not a list of purchases."""


class LineIncomplete(Refusal):
    """The line has more or fewer fields than the header names."""


class TextUnreadable(Refusal):
    """A field is not text in UTF-8."""


class InstantUnreadable(Refusal):
    """An instant has a date, a time and a time zone, such as 2026-03-15T09:00:00Z."""


class IntakeNotFound(Refusal):
    """There is no such intake."""
