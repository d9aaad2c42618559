"""Reads with PyMongo what `mad push` wrote to a database, and prints it as JSON: a row for each number.

With a user and a password behind the address, makes that user first.
"""

import json
import sys

import pymongo

address, database = sys.argv[1:3]
with pymongo.MongoClient(address, tz_aware=True) as client:
    if len(sys.argv) > 3:
        user, password = sys.argv[3:5]
        roles = [{"role": "readWrite", "db": database}]
        client[database].command("createUser", user, pwd=password, roles=roles)
    series = {one["_id"]: one for one in client[database]["mad_series"].find()}
    for one in series.values():
        assert one["host"] == one["labels"]["host"], one
    rows = []
    for sample in client[database]["mad_samples"].find():
        one = series[sample["_id"]["series"]]
        at = round(sample["_id"]["at"].timestamp() * 1000)
        rows.append({"name": one["name"], "labels": one["labels"], "at": at, "value": sample["value"]})
print(json.dumps(rows))
