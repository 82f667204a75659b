"""How the story is told: as a person would, with money before and after."""

from dataclasses import dataclass, field
from typing import Any

from rich.console import Console


@dataclass(slots=True)
class Telling:
    """Prints the story as it happens, and keeps it for those who want it as data."""

    as_json: bool = False
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    chapters: list[dict[str, Any]] = field(default_factory=list)

    def chapter(self, number: int, title: str) -> None:
        """Open a step of the story."""
        self.chapters.append({"step": number, "title": title, "told": [], "money": []})
        if not self.as_json:
            self.console.print(f"\n[bold]{number:>2}. {title}[/bold]")

    def say(self, sentence: str) -> None:
        """Tell what happened."""
        self.chapters[-1]["told"].append(sentence)
        if not self.as_json:
            self.console.print(f"    {sentence}", markup=False)

    def money(self, whose: str, before: str, after: str) -> None:
        """Tell what somebody had before and has after."""
        self.chapters[-1]["money"].append({"whose": whose, "before": before, "after": after})
        if not self.as_json:
            self.console.print(f"    [dim]{whose}:[/dim] {before} [bold]→[/bold] {after}")

    def end(self, sentence: str, *, is_good: bool) -> None:
        """Close the story."""
        if self.as_json:
            told = {"ok": is_good, "end": sentence, "steps": self.chapters}
            self.console.print_json(data=told, ensure_ascii=False)
        else:
            self.console.print(f"\n[bold {'green' if is_good else 'red'}]{sentence}[/]")
