"""One way to open DuckDB: in memory, in UTC, without extensions from outside."""

import duckdb


def connect(memory_limit: str = "4GB") -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB connection whose clock is UTC; it loads nothing from outside."""
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
