"""Reads a Parquet file with DuckDB and prints its rows as JSON, with the type of each column."""

import json
import sys

import duckdb

table = duckdb.connect().execute("SELECT * FROM read_parquet(?) ORDER BY subject, run", [sys.argv[1]])
names = [column[0] for column in table.description]
types = [str(column[1]) for column in table.description]
rows = [dict(zip(names, row)) for row in table.fetchall()]
print(json.dumps({"types": dict(zip(names, types)), "rows": rows}))
