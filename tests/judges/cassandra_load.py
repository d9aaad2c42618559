"""Loads rows from its input with Cassandra's own driver, many at once, and prints how many seconds it took."""

import sys
import time

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args

rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
rows = [(series, int(at), float(value)) for series, at, value in rows]
login = PlainTextAuthProvider("cassandra", "cassandra")
cluster = Cluster(["127.0.0.1"], port=int(sys.argv[1]), auth_provider=login)
session = cluster.connect("ci")
columns = "series text, at bigint, value double, PRIMARY KEY (series, at)"
session.execute(f"CREATE TABLE samples ({columns})", timeout=60)
insert = session.prepare("INSERT INTO samples (series, at, value) VALUES (?, ?, ?)")
start = time.monotonic()
execute_concurrent_with_args(session, insert, rows, concurrency=64)
print(time.monotonic() - start)
cluster.shutdown()
