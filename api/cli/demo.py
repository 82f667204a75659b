"""`mizan demo`: plays the whole story through the public API and proves that the books balance."""

import argparse
import asyncio
import logging
import secrets
from pathlib import Path
from typing import Any

import httpx2

from api.cli.check import ask_books
from api.cli.demo_world import SUPPLIERS
from api.cli.outside import running_doubles
from api.cli.process import open_process, serve_process
from api.cli.running import run_until_told
from api.cli.runtime import Runtime, open_runtime, read_settings
from api.cli.seed import have_world, record_path
from api.cli.serve import settings_at, url_of
from api.cli.world_record import find_world, show_world
from api.clock import Clock
from api.demo.cast import Stage
from api.demo.client import Api, StoryBroken
from api.demo.outside import Outside
from api.demo.story import play
from api.demo.telling import Telling
from api.http.listener import listen
from api.logs import configure_logging
from api.settings import Settings

DOUBLES_NEEDED = frozenset({"stripe", *SUPPLIERS.values()})
"""Whom the story speaks with."""


class NothingRuns(Exception):
    """No `mizan run` with its doubles uses this data folder; start it, or leave --url away."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan demo`."""
    parser = commands.add_parser("demo", help="play the story and prove that the books balance")
    parser.add_argument("--url", help="a server that `mizan run` started, instead of one's own")
    parser.add_argument("--json", action="store_true", help="tell the story as data")
    parser.set_defaults(run=lambda arguments: run_until_told(lambda stop: _demo(arguments, stop)))


async def _demo(arguments: argparse.Namespace, stop: asyncio.Event) -> int:
    configure_logging(level=logging.WARNING)
    settings = read_settings()
    if arguments.url:
        settings = settings_at(settings, arguments.url)
        async with open_runtime(settings) as runtime:
            kept = find_world(record_path(settings.data_dir, "demo", 1))
            doubles = running_doubles(settings)
            if kept is None or not doubles.keys() >= DOUBLES_NEEDED:
                raise NothingRuns
            shown = show_world(kept, issuer=settings.issuer, now=runtime.clock.now())
            stage = _stage(arguments.url, shown, doubles, settings)
            return await _tell(stage, runtime, as_json=arguments.json)
    with listen(0) as listener:
        url = url_of("127.0.0.1", listener.getsockname()[1])
        settings = settings_at(settings, url)
        async with open_process(settings, webhooks=f"{url}/webhooks") as process:
            world = await have_world(process.world, settings, "demo")
            shown = show_world(world, issuer=settings.issuer, now=process.runtime.clock.now())
            stage = _stage(url, shown, process.outside.doubles, settings)
            serving = asyncio.create_task(
                serve_process(process, listener, stop=stop, has_worker=True, ready=lambda: None)
            )
            try:
                return await _tell(stage, process.runtime, as_json=arguments.json)
            finally:
                stop.set()
                await serving


async def _tell(stage: Stage, runtime: Runtime, *, as_json: bool) -> int:
    telling = stage.telling
    telling.as_json = as_json
    try:
        await asyncio.to_thread(play, stage)
    except (StoryBroken, httpx2.TransportError) as broken:
        telling.end(f"The story broke: {broken}", is_good=False)
        return 1
    results = await ask_books(runtime.addresses, now=runtime.clock.now())
    telling.say("The clock of this data folder stays moved; tokens from before have run out.")
    broken_names = [one.name for one in results if not one.ok]
    telling.say(f"mizan check asks the books {len(results)} questions.")
    if broken_names:
        telling.end(f"The books do not balance: {', '.join(broken_names)}", is_good=False)
        return 1
    telling.end("Every answer is good: the books balance.", is_good=True)
    return 0


def _stage(url: str, shown: dict[str, Any], doubles: dict[str, str], settings: Settings) -> Stage:
    api = Api(url)
    network = shown["networks"][0]
    partners = {one["label"]: one for one in network["partners"]}
    staff = {one["subject"]: one for one in network["staff"]}

    def partner(label: str) -> Any:
        one = partners[label]
        return api.client(one["name"]["en"], one["client_id"], one["client_secret"])

    def person(name: str, subject: str) -> Any:
        return api.client(name, staff[subject]["client_id"], staff[subject]["client_secret"])

    clock_file = settings.clock_file or Path("clock")
    return Stage(
        api=api,
        outside=Outside(
            doubles["stripe"],
            {name: doubles[name] for name in SUPPLIERS.values()},
            clock_file,
            httpx2.Client(timeout=30),
        ),
        telling=Telling(),
        clock=Clock(clock_file),
        run=secrets.token_hex(3),
        operator=person("The operator", "operator-1"),
        maker=person("Finance's maker", "maker-1"),
        checker=person("Finance's checker", "checker-1"),
        grocery=partner("grocery"),
        coffee=partner("coffee"),
        guide=partner("experiences"),
        partner_ids={label: one["id"] for label, one in partners.items()},
        brand_key=partners["grocery"]["brand_key"],
    )
