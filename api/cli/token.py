"""`mizan token`: an access token for a person of the staff, for development."""

import argparse

from api.auth import ACCESS_TOKEN_SECONDS, Role, issue_staff_token, open_signing_keys
from api.cli.runtime import read_settings
from api.cli.serve import PORT, settings_at
from api.clock import Clock


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan token`."""
    parser = commands.add_parser("token", help="print an access token for a member of staff")
    parser.add_argument("--network", type=int, default=0, help="0 is the platform itself")
    parser.add_argument("--subject", default="developer", help="who the token names")
    parser.add_argument(
        "--role",
        action="append",
        choices=[role.value for role in Role],
        help="may be given several times; operator when absent",
    )
    parser.add_argument("--url", default=f"http://127.0.0.1:{PORT}", help="where the server is")
    parser.set_defaults(run=_token)


def _token(arguments: argparse.Namespace) -> int:
    settings = settings_at(read_settings(), arguments.url)
    # Whoever may read the signing keys may sign: this gives nobody what he did not have.
    print(
        issue_staff_token(
            open_signing_keys(settings.data_dir).keys(),
            issuer=settings.issuer,
            network_id=arguments.network,
            subject=arguments.subject,
            roles=[Role(name) for name in arguments.role or ["operator"]],
            now=Clock(settings.clock_file).now(),
            lifetime_seconds=ACCESS_TOKEN_SECONDS,
        )
    )
    return 0
