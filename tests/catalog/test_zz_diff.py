from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from api.database.registry import metadatas

async def test_diff(superuser):
    def run(c):
        ctx = MigrationContext.configure(c, opts={"include_schemas": True, "target_metadata": metadatas(), "include_name": lambda n,k,p: k!="schema" or n in {"catalog","payouts"}})
        return compare_metadata(ctx, metadatas())
    diff = await superuser.run_sync(run)
    print([d for d in diff if "schema_version" not in str(d)])
    assert not [d for d in diff if "schema_version" not in str(d)]
