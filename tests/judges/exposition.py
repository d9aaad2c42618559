"""Reads a metrics page with a parser of the official Python client, and prints each sample as JSON, with its exemplar if it has one.

The argument says which format the page is in: `text` or `open_metrics`.
"""

import json
import sys

from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client import parser as text

PARSERS = {"text": text, "open_metrics": open_metrics}

families = PARSERS[sys.argv[1]].text_string_to_metric_families(sys.stdin.read())
samples = [
    {"name": sample.name, "labels": sample.labels, "value": str(float(sample.value))}
    | ({"exemplar": [sample.exemplar.labels, float(sample.exemplar.value)]} if sample.exemplar else {})
    for family in families
    for sample in family.samples
]
json.dump(samples, sys.stdout)
