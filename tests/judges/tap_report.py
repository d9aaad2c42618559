"""Reads a TAP document from the standard input with tap.py, and says what it has: JSON on the standard output."""

import json
import sys

from tap.parser import Parser

tests, plan = [], None
for line in Parser().parse_text(sys.stdin.read()):
    if line.category == "plan":
        plan = line.expected_tests
    elif line.category == "test":
        name = line.description.removeprefix("- ")
        tests.append([name, line.ok, line.skip, line.yaml_block])
assert plan == len(tests), (plan, tests)
json.dump(tests, sys.stdout)
