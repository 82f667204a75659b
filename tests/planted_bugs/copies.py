"""Copies of the project with a bug planted, and runs of a few tests in them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

from tests.conftest import ROOT
from tests.planted_bugs.bug import Bug

RUN_SECONDS_MAX = 300
# What pytest says of a plain assertion, of one with words, and of a refusal that was not raised.
ASSERTED = ("assert ", "AssertionError", "Failed: DID NOT RAISE")


class NotPlanted(Exception):
    """The text that a bug replaces does not stand exactly once in its file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one test ended: `says` is empty when it passed."""

    test: str
    says: str

    @property
    def is_asserted(self) -> bool:
        """Whether the test failed on what it asserts."""
        return self.says.startswith(ASSERTED)

    @property
    def is_of_clearing(self) -> bool:
        """Whether it is of what comes after the test."""
        return self.says.startswith("failed on teardown")


def copy_project(to: Path) -> Path:
    """Copy all that the tests need; the server of the tests is shared through a link."""
    shutil.copytree(ROOT, to, ignore=_left_out)
    _link_build(to)
    return to


def plant(bug: Bug, plain: Path, to: Path) -> Path:
    """Copy a copy and put the bug in. Raises NotPlanted."""
    shutil.copytree(plain, to, copy_function=os.link, ignore=_left_out)
    _link_build(to)
    for edit in bug.edits:
        path = to / edit.file
        text = path.read_text()
        if text.count(edit.old) != 1:
            raise NotPlanted(f"{bug.name}: {text.count(edit.old)} times in {edit.file}")
        path.unlink()
        path.write_text(text.replace(edit.old, edit.new))
    return to


def run_tests(folder: Path, tests: Sequence[str]) -> list[Verdict]:
    """Run tests of a copy by themselves and tell how each of their cases ended."""
    # Beside the copy: whatever stands in it is shared with the copies made of it.
    report = folder.with_name(f"{folder.name}.xml")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ended = subprocess.run(
        [*command, f"--junitxml={report}", *tests],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
    # 0: all passed, 1: some failed; anything else is no run.
    assert ended.returncode in (0, 1), ended.stdout[-4_000:]
    verdicts = [_verdict(case) for case in parse(report).iter("testcase")]
    failed = {one.test for one in verdicts if one.says and not one.is_of_clearing}
    # Whatever a failed test left behind may hinder its clearing up.
    return [one for one in verdicts if not (one.is_of_clearing and one.test in failed)]


def ends_rightly(verdict: Verdict, bug: Bug) -> bool:
    """Tell whether a failure is the bug being seen, and not the test being broken by it."""
    return bug.seen_as in verdict.says if bug.seen_as else verdict.is_asserted


def _left_out(folder: str, names: list[str]) -> set[str]:
    is_top = Path(folder, "pyproject.toml").exists()
    hidden = {name for name in names if name.startswith(".") or name in ("build", "dist")}
    return (hidden if is_top else set()) | {name for name in names if ".pyc." in name}


def _link_build(to: Path) -> None:
    (to / "build").symlink_to((ROOT / "build").resolve(), target_is_directory=True)


def _environment(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return own | {"PYTHONPATH": str(folder)}


def _verdict(case: Element) -> Verdict:
    test = "{}.py::{}".format(
        case.get("classname", "").replace(".", "/"), case.get("name", "").partition("[")[0]
    )
    failure, error = case.find("failure"), case.find("error")
    if error is not None:
        return Verdict(test, error.get("message", "error"))
    return Verdict(test, "" if failure is None else failure.get("message", "failed"))
