"""Statements that every migration repeats: policies, grants, and the roles that get them."""

TENANT_POLICY = "nullif(current_setting('app.network_id', true), '')::bigint"
_SCOPE = "coalesce(current_setting('app.scope', true), '')"
_SCOPE_ID = "nullif(current_setting('app.scope_id', true), '')::uuid"


def wall(
    table: str, *, key: str = "network_id", owners: tuple[str, ...] | None = None
) -> list[str]:
    """Write the statements that wall a table by its placement key.

    `owners` names the columns (`partner_id`, `member_id`) by which a partner's or a member's
    scope sees its own rows; an empty tuple hides the table from both; None leaves it open to the
    whole network.
    """
    name = table.split(".")[1]
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {name}_network ON {table} FOR ALL TO public"
        f" USING ({key} = {TENANT_POLICY}) WITH CHECK ({key} = {TENANT_POLICY})",
        f"CREATE POLICY {name}_audit ON {table} FOR SELECT TO mizan_audit USING (true)",
    ]
    if owners is not None:
        own = [f"{_SCOPE} IN ('', 'network')"]
        own += [
            f"({_SCOPE} = '{column.removesuffix('_id')}' AND {column} = {_SCOPE_ID})"
            for column in owners
        ]
        statements.append(
            f"CREATE POLICY {name}_scope ON {table} AS RESTRICTIVE FOR ALL TO mizan_app"
            f" USING ({' OR '.join(own)})"
        )
    return statements


def grant(table: str, privileges: str, role: str = "mizan_app") -> str:
    """Write a grant on a table."""
    return f"GRANT {privileges} ON {table} TO {role}"
