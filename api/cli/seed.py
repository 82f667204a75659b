"""`mizan seed`: worlds to try things in, made by the same use cases as everything else."""

import argparse
import json
from contextlib import suppress
from pathlib import Path

from api.cli.demo_world import SLUG, make_demo_world
from api.cli.more_worlds import Sizes, make_accept_world, make_bench_world
from api.cli.process import open_process
from api.cli.running import run_until_told
from api.cli.runtime import read_settings
from api.cli.serve import PORT, settings_at
from api.cli.world_record import WorldRecord, find_world, keep_world, show_world
from api.settings import Settings
from api.worker.world import World
from partners.networks import SlugTaken, find_network_by_slug

PROFILES = ("demo", "accept", "bench")
SLUGS_TRIED_MAX = 50


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan seed`."""
    parser = commands.add_parser("seed", help="make a world to try things in")
    parser.add_argument("--profile", choices=PROFILES, required=True)
    parser.add_argument("--seed", type=int, default=1, help="another number is another world")
    parser.add_argument("--json", action="store_true", help="print ids, credentials and tokens")
    parser.add_argument(
        "--url", default=f"http://127.0.0.1:{PORT}", help="where the server is that tokens are for"
    )
    sizes = Sizes()
    for name in ("rewards", "partners", "members", "purchases"):
        parser.add_argument(
            f"--{name}", type=int, default=getattr(sizes, name), help="of the bench profile"
        )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return run_until_told(lambda _: _seed(arguments))


async def _seed(arguments: argparse.Namespace) -> int:
    settings = settings_at(read_settings(), arguments.url)
    async with open_process(settings, webhooks=None) as process:
        sizes = Sizes(arguments.rewards, arguments.partners, arguments.members, arguments.purchases)
        try:
            made = await have_world(
                process.world, settings, arguments.profile, seed=arguments.seed, sizes=sizes
            )
        except SlugTaken as taken:
            print(f"The network {taken.facts['slug']} is there already; use another --seed.")
            return 1
        now = process.runtime.clock.now()
    if arguments.json:
        shown = show_world(made, issuer=settings.issuer, now=now)
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for network in made.networks:
            print(
                f"network {network.network_id} {network.slug}: {len(network.partners)} partners,"
                f" {len(network.members)} members named, {len(network.rewards)} rewards of its own"
            )
    return 0


async def have_world(
    world: World, settings: Settings, profile: str, *, seed: int = 1, sizes: Sizes | None = None
) -> WorldRecord:
    """Make the world of a profile and seed, or find it when it was made here before."""
    path = record_path(settings.data_dir, profile, seed)
    kept = find_world(path)
    if kept is not None and await _is_there(world, kept):
        return kept
    if profile == "demo":
        made = await _make_demo(world, seed)
    elif profile == "accept":
        made = await make_accept_world(world, seed=seed)
    else:
        made = await make_bench_world(world, seed=seed, sizes=sizes or Sizes())
    keep_world(path, made)
    return made


async def _make_demo(world: World, seed: int) -> WorldRecord:
    # A start that was killed half-way leaves a network that nobody has the keys of.
    for number in range(seed, seed + SLUGS_TRIED_MAX):
        slug = SLUG if number == 1 else f"{SLUG}-{number}"
        with suppress(SlugTaken):
            return await make_demo_world(world, seed=seed, slug=slug)
    raise SlugTaken(slug=SLUG)


def record_path(data_dir: Path, profile: str, seed: int) -> Path:
    """Where the record of a world is kept."""
    if (profile, seed) == ("demo", 1):
        return data_dir / "demo.json"
    return data_dir / "worlds" / f"{profile}-{seed}.json"


async def _is_there(world: World, kept: WorldRecord) -> bool:
    async with world.database.reading(0) as db:
        for network in kept.networks:
            found = await find_network_by_slug(db, slug=network.slug)
            if found is None or found.network_id != network.network_id:
                return False
    return True
