"""The rules of the schema, as questions to PostgreSQL's own catalogue; each yields its breaches."""

from collections.abc import AsyncIterator, Callable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.registry import TableClass

SCHEMAS = ("api", "payouts", "partners", "catalog", "audit")
KEYS = {TableClass.TENANT: "network_id", TableClass.LEDGER: "book_id"}
WALLED = frozenset(KEYS)
OWNERS = frozenset({"mizan_owner", "mizan_ledger", "mizan_search", "mizan_counter", "mizan_audit"})
# Only a table's owner may give it partitions; walls are forced, so it sees no rows either.
MAKE_TABLES = frozenset({"payouts.make_partition"})
# Its words begin with the network each, so no two networks share a list of it.
FILED_BY_WORD = frozenset({"reward_search_words"})
# Alembic's own list of one row, which no definition of ours describes.
NOT_OURS = frozenset({"api.schema_version"})

Classes = Mapping[str, TableClass]
Rule = Callable[[AsyncConnection, Classes], AsyncIterator[str]]

_IN_SCHEMAS = f"n.nspname IN ({', '.join(repr(s) for s in SCHEMAS)})"
_TABLE = "n.nspname || '.' || c.relname"


async def ask(db: AsyncConnection, question: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await db.execute(text(question))]


async def is_registered(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND {_IN_SCHEMAS}",
    )
    found = {str(name) for (name,) in rows} - NOT_OURS
    for name in sorted(found - set(classes)):
        yield f"{name} is in no definition and has no class"
    for name in sorted(set(classes) - found):
        yield f"{name} is defined and not in the database"


async def begins_with_its_key(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, i.relname, a.attname, x.indisprimary, a.attnotnull, a.atttypid = 'int8'::regtype"
        " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]"
        f" WHERE {_IN_SCHEMAS}",
    )
    keyed = set()
    for table, index, column, is_primary, is_not_null, is_bigint in rows:
        key = KEYS.get(classes.get(str(table), TableClass.LOCAL))
        if is_primary:
            keyed.add(table)
        if index in FILED_BY_WORD:
            continue
        if key is not None and column != key:
            yield f"{index} of {table} begins with {column}, not {key}"
        elif key is not None and not (is_not_null and is_bigint):
            yield f"{key} of {table} is not bigint NOT NULL"
    for table in sorted(set(classes) - keyed):
        yield f"{table} has no primary key"


async def refers_within_its_place(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, k.conname, fn.nspname || '.' || f.relname,"
        " (SELECT array_agg(a.attname ORDER BY u.ord) FROM unnest(k.conkey) WITH ORDINALITY u(num, ord)"
        "  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),"
        " (SELECT array_agg(a.attname ORDER BY u.ord) FROM unnest(k.confkey) WITH ORDINALITY u(num, ord)"
        "  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num),"
        " k.confupdtype::text || k.confdeltype::text"
        " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class f ON f.oid = k.confrelid"
        f" JOIN pg_namespace fn ON fn.oid = f.relnamespace WHERE k.contype = 'f'"
        f" AND k.conparentid = 0 AND {_IN_SCHEMAS}",
    )
    for table, name, target, columns, target_columns, actions in rows:
        own = classes.get(str(table), TableClass.LOCAL)
        other = classes.get(str(target), TableClass.LOCAL)
        if str(table).split(".")[0] != str(target).split(".")[0]:
            yield f"{name} of {table} leaves the house for {target}"
        if actions != "aa":
            yield f"{name} of {table} acts by itself when {target} changes"
        if other is TableClass.REFERENCE:
            continue
        if own is not other or own not in KEYS:
            yield f"{name} of {table} ({own.value}) refers to {target} ({other.value})"
        elif (columns[0], target_columns[0]) != (KEYS[own], KEYS[other]):  # type: ignore[index]
            yield f"{name} of {table} does not begin with {KEYS[own]} on both sides"


async def has_no_triggers(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {_IN_SCHEMAS}"
        f" UNION ALL SELECT {_TABLE}, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'p') AND {_IN_SCHEMAS}",
    )
    for table, name in rows:
        yield f"{table} has the trigger or rule {name}"


async def is_walled(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, c.relrowsecurity, c.relforcerowsecurity,"
        " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive"
        "  AND p.polcmd = '*' AND p.polroles = '{0}' AND p.polwithcheck IS NOT NULL),"
        " (SELECT string_agg(pg_get_expr(p.polqual, p.polrelid), ' ') FROM pg_policy p"
        "  WHERE p.polrelid = c.oid AND p.polroles = '{0}')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'p') AND {_IN_SCHEMAS}",
    )
    for table, is_enabled, is_forced, policies, expression in rows:
        own = classes.get(str(table))
        if own is None:
            continue
        if own not in WALLED:
            if is_enabled:
                yield f"{table} is {own.value} and yet has row-level security"
            continue
        if not (is_enabled and is_forced):
            yield f"{table} has row-level security not both enabled and forced"
        if policies != 1:
            yield f"{table} has {policies} policies for everybody, not one"
        elif f"({KEYS[own]} = " not in str(expression) or "app.network_id" not in str(expression):
            yield f"{table} has a policy that does not bind {KEYS[own]}"


async def is_reached_through_its_table(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, c.relrowsecurity AND c.relforcerowsecurity,"
        " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        "  OR EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relispartition AND c.relkind IN ('r', 'p') AND {_IN_SCHEMAS}",
    )
    for partition, is_walled, is_open in rows:
        if not is_walled:
            yield f"{partition} has row-level security not both enabled and forced"
        if is_open:
            yield f"{partition} can be read or written beside its table"


async def lets_only_the_auditor_see_all(
    db: AsyncConnection, classes: Classes
) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, p.polname, p.polroles::regrole[]::text[], p.polcmd::text FROM pg_policy p"
        " JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE p.polpermissive AND p.polroles <> '{{0}}' AND {_IN_SCHEMAS}",
    )
    for table, name, roles, command in rows:
        is_search = roles == ["mizan_search"]
        if not is_search and (roles, command) != (["mizan_audit"], "r"):
            yield f"policy {name} of {table} opens the wall to {roles} for {command}"


async def is_owned_by_nobody_who_serves(
    db: AsyncConnection, classes: Classes
) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, r.rolname, r.rolsuper OR r.rolbypassrls OR r.rolcanlogin"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" JOIN pg_roles r ON r.oid = c.relowner WHERE {_IN_SCHEMAS}"
        " UNION ALL SELECT n.nspname || '.' || p.proname || '()', r.rolname,"
        " r.rolsuper OR r.rolbypassrls OR r.rolcanlogin FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner"
        f" WHERE {_IN_SCHEMAS}"
        " UNION ALL SELECT n.nspname, r.rolname, r.rolsuper OR r.rolbypassrls OR r.rolcanlogin"
        f" FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE {_IN_SCHEMAS}",
    )
    for thing, owner, is_dangerous in rows:
        if is_dangerous or owner not in OWNERS:
            yield f"{thing} belongs to {owner}"


async def has_safe_definers(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        "SELECT n.nspname || '.' || p.proname, p.proconfig, r.rolname,"
        " has_function_privilege('public', p.oid, 'EXECUTE'),"
        " (SELECT count(*) FROM pg_class c WHERE c.relowner = p.proowner AND c.relkind IN ('r', 'p'))"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        f" JOIN pg_roles r ON r.oid = p.proowner WHERE p.prosecdef AND {_IN_SCHEMAS}",
    )
    for name, settings, owner, is_public, tables in rows:
        paths = [s for s in settings or () if str(s).startswith("search_path=")]  # type: ignore[attr-defined]
        if not paths or not str(paths[0]).replace(" ", "").endswith("pg_temp"):
            yield f"{name} does not fix its search_path with pg_temp last"
        if is_public:
            yield f"{name} may be called by everybody"
        if tables and name not in MAKE_TABLES:
            yield f"{name} belongs to {owner}, which owns tables as well"


async def keeps_time_and_money_exact(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity::text,"
        " pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        f" WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_IN_SCHEMAS}",
    )
    for table, column, kind, identity, default in rows:
        place = f"{table}.{column}"
        if str(kind) in ("real", "double precision", "money"):
            yield f"{place} is {kind}"
        if str(kind).startswith("time") and kind != "timestamp with time zone":
            yield f"{place} is {kind}"
        if kind == "timestamp with time zone" and not str(column).endswith("_at"):
            yield f"{place} is an instant and does not end in _at"
        if (
            kind == "date"
            and not str(column).endswith("_on")
            and not str(column).endswith("period")
        ):
            yield f"{place} is a date and does not end in _on"
        if default is not None and ("nextval" in str(default) or "now()" in str(default)):
            yield f"{place} has the default {default}"
        if identity and classes.get(str(table)) in WALLED:
            yield f"{place} is numbered by the database"


async def names_its_constraints(db: AsyncConnection, classes: Classes) -> AsyncIterator[str]:
    rows = await ask(
        db,
        f"SELECT {_TABLE}, c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype <> 'n'"
        f" AND NOT c.relispartition AND k.conparentid = 0 AND {_IN_SCHEMAS}",
    )
    for table, bare, name in rows:
        if str(table) not in NOT_OURS and not str(name).startswith(f"{bare}_"):
            yield f"{name} of {table} is not named after its table"


RULES: tuple[Rule, ...] = (
    is_registered,
    begins_with_its_key,
    refers_within_its_place,
    has_no_triggers,
    is_walled,
    is_reached_through_its_table,
    lets_only_the_auditor_see_all,
    is_owned_by_nobody_who_serves,
    has_safe_definers,
    keeps_time_and_money_exact,
    names_its_constraints,
)
