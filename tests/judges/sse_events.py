"""Reads a stream of Server-Sent Events from the standard input, and says each event: JSON on the standard output."""

import json
import sys

import sseclient

events = sseclient.SSEClient(iter([sys.stdin.buffer.read()])).events()
json.dump([[event.id or "", event.event, json.loads(event.data)] for event in events], sys.stdout)
