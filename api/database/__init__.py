"""The database ground: cluster, engine, transactions, migrations."""
