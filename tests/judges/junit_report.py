"""Reads a JUnit report from the standard input, and says what it has of what: JSON on the standard output."""

import json
import pathlib
import sys

import junitparser
import xmlschema

text = sys.stdin.read()
xmlschema.validate(text, str(pathlib.Path(__file__).with_name("junit.xsd")))
suites = junitparser.JUnitXml.fromstring(text.encode())
totals = {"tests": suites.tests, "failures": suites.failures, "errors": suites.errors}
cases = {}
for suite in suites:
    for case in suite:
        results = [type(result).__name__ for result in case.result]
        cases[case.name] = {"results": results, "output": case.system_out or ""}
    assert suite.hostname and suite.timestamp, suite
    # What the attributes say is what is there.
    totals["skipped"] = suite.skipped
    suite.update_statistics()
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == tuple(
        totals[name] for name in ("tests", "failures", "errors", "skipped")
    ), totals
json.dump({"totals": totals, "cases": cases}, sys.stdout)
