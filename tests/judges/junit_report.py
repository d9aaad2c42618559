"""Reads a JUnit report from the standard input, and says what it has of what: JSON on the standard output."""

import json
import pathlib
import sys

import junitparser
import xmlschema

text = sys.stdin.read()
xmlschema.validate(text, str(pathlib.Path(__file__).with_name("junit.xsd")))
suites = junitparser.JUnitXml.fromstring(text.encode())
COUNTS = ("tests", "failures", "errors", "skipped")
totals = dict.fromkeys(COUNTS, 0)
cases = {}
for suite in suites:
    for case in suite:
        results = [type(result).__name__ for result in case.result]
        cases[case.name] = {"results": results, "output": case.system_out or ""}
    assert suite.hostname and suite.timestamp, suite
    # What the attributes say is what is there.
    said = [getattr(suite, count) for count in COUNTS]
    suite.update_statistics()
    there = [getattr(suite, count) for count in COUNTS]
    assert said == there, (said, there)
    for count, number in zip(COUNTS, there):
        totals[count] += number
assert (suites.tests, suites.failures, suites.errors) == tuple(totals[count] for count in COUNTS[:3]), totals
json.dump({"totals": totals, "cases": cases}, sys.stdout)
