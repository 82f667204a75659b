"""What must exist before the first migration: roles and schemas, owned by no superuser."""

SCHEMAS = ("api", "payouts", "partners", "catalog", "audit")

_ROLES = {
    "mizan_owner": "NOLOGIN",
    "mizan_ledger": "NOLOGIN",
    "mizan_search": "NOLOGIN",
    "mizan_counter": "NOLOGIN",
    "mizan_audit": "NOLOGIN",
    "mizan_migrator": "BYPASSRLS",
    "mizan_app": "",
    "mizan_auditor": "",
}
_LOGIN_ROLES = ("mizan_migrator", "mizan_app", "mizan_auditor")


def bootstrap_statements(*, login: bool) -> list[str]:
    """Write the statements that make roles and schemas; running them again changes nothing.

    `login` lets the three outer roles log in, which only the embedded server (whose socket is
    private to its owner) and a server with two addresses want.
    """
    statements = [_create_role(role, options) for role, options in _ROLES.items()]
    if login:
        statements += [_let_log_in(role) for role in _LOGIN_ROLES]
    statements.append("GRANT mizan_owner TO mizan_migrator")
    statements += [f"GRANT {role} TO CURRENT_USER" for role in _ROLES]
    statements += [
        f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION mizan_owner" for schema in SCHEMAS
    ]
    statements += [
        f"GRANT USAGE ON SCHEMA {schema} TO mizan_app, mizan_migrator, mizan_audit"
        for schema in SCHEMAS
    ]
    statements.append("GRANT USAGE, CREATE ON SCHEMA payouts TO mizan_ledger")
    statements.append("GRANT USAGE, CREATE ON SCHEMA catalog TO mizan_search, mizan_counter")
    statements.append("GRANT USAGE, CREATE ON SCHEMA audit TO mizan_audit")
    statements.append("GRANT USAGE ON SCHEMA audit TO mizan_auditor")
    return statements


def _let_log_in(role: str) -> str:
    # Written only once: roles are of the whole cluster, and whoever writes one holds up all others
    # that make a database of it ready, until its last migration is done.
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}'"
        f" AND rolcanlogin) THEN ALTER ROLE {role} LOGIN; END IF; END $$"
    )


def _create_role(role: str, options: str) -> str:
    # Roles belong to the whole cluster, so two databases may be made ready at once.
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}')"
        f" THEN CREATE ROLE {role} {options}; END IF;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
