"""Holds the JSON document on the standard input against a schema, whose file is the argument.

The schema lets readers pass over what they do not know. Here nothing may be unknown.
"""

import json
import sys

import jsonschema


def close(schema):
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


with open(sys.argv[1]) as file:
    schema = json.load(file)
validator = jsonschema.Draft202012Validator
validator.check_schema(schema)
name = sys.argv[2]
schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"}
close(schema)
checker = validator.FORMAT_CHECKER
for error in validator(schema, format_checker=checker).iter_errors(json.load(sys.stdin)):
    print(error.json_path, error.message)
