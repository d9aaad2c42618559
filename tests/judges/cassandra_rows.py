"""Reads with Cassandra's own driver what `mad push` wrote to a keyspace, and prints it as JSON: a row for each number.

What else stands on the command line are statements that are executed first.
"""

import json
import sys

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster

host, port, user, password, keyspace = sys.argv[1:6]
cluster = Cluster([host], port=int(port), auth_provider=PlainTextAuthProvider(user, password))
session = cluster.connect()
for statement in sys.argv[6:]:
    session.execute(statement, timeout=60)
rows = []
if keyspace:
    session.set_keyspace(keyspace)
    series = {one.id: one for one in session.execute("SELECT * FROM mad_series")}
    for one in series.values():
        assert one.host == one.labels["host"], one
    query = "SELECT series, toUnixTimestamp(at) AS at_ms, value FROM mad_samples"
    for sample in session.execute(query):
        one = series[sample.series]
        rows.append({"name": one.name, "labels": dict(one.labels), "at": sample.at_ms, "value": sample.value})
print(json.dumps(rows))
cluster.shutdown()
