"""`mizan run`: everything on this machine, with a demo network, and how to talk to it."""

import argparse
import asyncio
import json
import time

from api.cli.process import open_process, serve_process
from api.cli.running import run_until_told
from api.cli.runtime import read_settings
from api.cli.seed import have_world, record_path
from api.cli.serve import add_address, listen_at, settings_at, url_of
from api.cli.world_record import ClientRecord, NetworkRecord, WorldRecord, sign_for
from api.logs import configure_logging


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan run`."""
    parser = commands.add_parser("run", help="start everything with a demo network and serve it")
    add_address(parser)
    parser.set_defaults(run=lambda arguments: run_until_told(lambda stop: _run(arguments, stop)))


async def _run(arguments: argparse.Namespace, stop: asyncio.Event) -> int:
    started = time.monotonic()
    configure_logging()
    with listen_at(arguments) as listener:
        url = url_of(arguments.host, listener.getsockname()[1])
        settings = settings_at(read_settings(), url)
        async with open_process(settings, webhooks=f"{url}/webhooks") as process:
            world = await have_world(process.world, settings, "demo")
            if stop.is_set():
                return 0

            def tell() -> None:
                now = process.runtime.clock.now()
                token = sign_for(
                    world.networks[0],
                    world.networks[0].members[0],
                    issuer=settings.issuer,
                    now=now,
                )
                lines = _addresses(url, process.outside.doubles)
                lines += _credentials(world.networks[0], token)
                lines += _commands(url, world, token)
                lines.append(f"Kept in {record_path(settings.data_dir, 'demo', 1)}.")
                lines.append(f"Ready after {time.monotonic() - started:.1f} s. Ctrl-C stops it.")
                print("\n".join(lines), flush=True)

            await serve_process(process, listener, stop=stop, has_worker=True, ready=tell)
    return 0


def _addresses(url: str, doubles: dict[str, str]) -> list[str]:
    lines = ["", "Mizan", f"  GraphQL   {url}/graphql   (a browser gets GraphiQL)"]
    lines.append(f"  console   {url}/console   (sign in as a member of staff below)")
    lines.append(f"  tokens    {url}/oauth/token")
    lines.append(f"  health    {url}/readyz   {url}/metrics")
    for name, address in doubles.items():
        lines.append(f"  {name:<9} {address}   (a local double; play the outside at /_control)")
    return lines


def _credentials(network: NetworkRecord, token: str) -> list[str]:
    lines = ["", f"Network {network.network_id}, {network.slug}; clients for /oauth/token:"]
    shown: list[tuple[str, ClientRecord]] = [
        ("grocery partner", network.partner("grocery").client),
        ("coffee partner", network.partner("coffee").client),
        *((one.subject, one) for one in network.staff),
    ]
    lines += [f"  {name:<18} {one.client_id}  {one.client_secret}" for name, one in shown]
    headers = json.dumps({"authorization": f"Bearer {token}", "accept-language": "ar"})
    member = network.members[0].external_id
    lines += ["", f"Headers for GraphiQL as the member {member}, for 24 hours:", f"  {headers}"]
    return lines


def _commands(url: str, world: WorldRecord, token: str) -> list[str]:
    client = world.networks[0].partner("grocery").client
    rewards = (
        '{ rewards(country: "SA", first: 5) { edges { node { id kind title(locale: AR) } } } }'
    )
    balance = (
        "{ partnerBalance { balances { currency receivablePending { decimal }"
        " receivable { decimal } payable { decimal } net { decimal } } } }"
    )
    ask = f"curl -s -w '\\n' {url}/graphql -H 'content-type: application/json'"
    return [
        "",
        "1. A token for the grocery's backend:",
        f"TOKEN=$(curl -s {url}/oauth/token -u {client.client_id}:{client.client_secret}"
        " -d grant_type=client_credentials"
        """ | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')""",
        "",
        "2. The catalogue in Arabic, as the member's app reads it:",
        f"{ask} -H 'accept-language: ar' -H 'authorization: Bearer {token}' -d '{_body(rewards)}'",
        "",
        "3. What the grocery owes and is owed:",
        f"{ask} -H \"authorization: Bearer $TOKEN\" -d '{_body(balance)}'",
        "",
    ]


def _body(query: str) -> str:
    return json.dumps({"query": query})
