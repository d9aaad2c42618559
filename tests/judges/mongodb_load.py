"""Loads rows from its input with PyMongo, as fast as that goes, and prints how many seconds it took."""

import sys
import time

import pymongo

rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
documents = [{"_id": f"{series} {at}", "value": float(value)} for series, at, value in rows]
with pymongo.MongoClient(sys.argv[1]) as client:
    start = time.monotonic()
    client["ci"]["samples"].insert_many(documents, ordered=False)
    print(time.monotonic() - start)
