"""Reads a KTAP document from the standard input with the parser of the Linux kernel's KUnit, whose folder is the
argument, and says what it has: JSON on the standard output."""

import contextlib
import json
import os
import sys


def below(test):
    return [[each.name, each.status.name, below(each)] for each in test.subtests]


# It prints where it finds the output when it is imported.
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    sys.path.insert(0, sys.argv[1])
    import kunit_parser

    run = kunit_parser.parse_run_tests(sys.stdin.read().splitlines())
counts = {name: getattr(run.counts, name) for name in ("passed", "failed", "crashed", "skipped", "errors")}
json.dump({"status": run.status.name, "counts": counts, "tests": below(run)}, sys.stdout)
