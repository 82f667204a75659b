"""What `mizan backup` and `mizan restore` refuse, before anything is started or written."""

import json
from pathlib import Path

import pytest

from api.cli.main import main

SECRET = "swordfish"
URL = f"postgresql://mizan:{SECRET}@127.0.0.1:9/mizan"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "MIZAN_MIGRATOR_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MIZAN_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(one) for one in arguments]) == 2
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
    assert told.out == ""
    return told.err


def dump_in(folder: Path, kind: str = "dump") -> Path:
    """A backup with nothing in it, as far as its manifest goes."""
    backup = folder / kind
    backup.mkdir()
    manifest = {
        "format": 1,
        "kind": kind,
        "made_at": "2026-03-15T09:00:00+00:00",
        "schema": "0009",
        "postgres": "18.6",
        "system": "1",
        "positions": [],
        "files": [],
    }
    (backup / "manifest.json").write_text(json.dumps(manifest))
    return backup


def test_a_base_is_of_the_embedded_server_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    assert "embedded server" in refused(capsys, "backup", folder / "base", "--base")
    assert not (folder / "base").exists()
    assert not (folder / "data").exists()


def test_a_wal_folder_goes_with_a_base(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "backup", folder / "dump", "--wal", folder / "wal")
    assert told == "mizan: --wal goes with --base.\n"
    assert list(folder.iterdir()) == []


def test_a_place_that_is_not_empty_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = folder / "full"
    full.mkdir()
    (full / "kept").touch()
    backup = dump_in(folder)
    assert "not empty" in refused(capsys, "backup", full)
    assert "not empty" in refused(capsys, "restore", backup, "--data-dir", full)
    assert "not a folder" in refused(capsys, "backup", full / "kept")
    assert [path.name for path in full.iterdir()] == ["kept"]


def test_what_is_no_backup_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "nothing").mkdir()
    told = refused(capsys, "restore", folder / "nothing", "--data-dir", folder / "new")
    assert "no complete backup" in told
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "reason"),
    [
        ("dump", ("--data-dir", "new", "--wal", "wal"), "no WAL can be replayed"),
        ("dump", ("--url", URL, "--keys", "keys"), "--data-dir"),
        ("dump", ("--url", URL, "--anchors", "anchors"), "--data-dir"),
        ("dump", ("--url",), "--url needs an address"),
        ("base", ("--url", URL), "--data-dir"),
    ],
)
def test_what_does_not_go_together_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    arguments: tuple[str, ...],
    reason: str,
) -> None:
    backup = dump_in(folder, kind)
    given = [
        str(folder / one) if one in ("new", "wal", "keys", "anchors") else one for one in arguments
    ]
    assert reason in refused(capsys, "restore", backup, *given)
    assert [path.name for path in folder.iterdir()] == [kind]


def test_a_server_that_does_not_answer_is_told_without_its_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = dump_in(folder)
    assert "mizan: " in refused(capsys, "restore", backup, "--url", URL)
    monkeypatch.setenv("DATABASE_URL", URL)
    assert "mizan: " in refused(capsys, "backup", folder / "other")
    assert not (folder / "other").exists()
