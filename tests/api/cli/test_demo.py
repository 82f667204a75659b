"""`mizan demo` plays its whole story on an empty folder, and the books balance at the end."""

import re
from pathlib import Path

from tests.api.cli.processes import run

STORY_SECONDS_MAX = 240.0


def test_the_story_is_played_to_its_end(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", seconds_max=STORY_SECONDS_MAX)

    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    chapters = [int(one) for one in re.findall(r"^ ?(\d+)\. ", done.stdout, re.MULTILINE)]
    assert chapters == list(range(11))
    assert done.stdout.rstrip().endswith("Every answer is good: the books balance.")
