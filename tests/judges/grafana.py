"""Reads a dashboard with Grafana's own library, its expressions with promtool, and says what is wrong with them:
nothing, if all is well."""

import json
import re
import subprocess
import sys
import tempfile

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(written, read, place=""):
    """The places of what the library does not know, or knows as something else."""
    if isinstance(written, dict) and isinstance(read, dict):
        for name, value in written.items():
            if name in read:
                yield from lost(value, read[name], f"{place}/{name}")
            elif value is not None:
                yield f"{place}/{name}"
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for index, pair in enumerate(zip(written, read)):
            yield from lost(*pair, f"{place}/{index}")
    elif written != read:
        yield place


def complaints(dashboard):
    plugins.register_default_plugins()
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    for place in lost(dashboard, read):
        yield f"Grafana knows nothing of {place}"
    panels = dashboard["panels"]
    if len({panel["id"] for panel in panels}) < len(panels):
        yield "two panels have one id"
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if cells & taken or max(x for x, _ in cells) >= 24:
            yield f"{panel['title']} lies on another panel, or beyond the edge"
        taken |= cells
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    for name in set(re.findall(r"\$\{?([a-z]+)", " ".join(expressions(panels)))) - variables:
        yield f"there is no variable {name}"
    yield from promtool(list(expressions(panels)))


def expressions(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield target["expr"]


def promtool(all):
    """Its check of rules knows expressions, which have no variables."""
    plain = [re.sub(r"\$\w+", "5m", expression) for expression in all]
    rules = [{"record": f"a:{index}", "expr": expression} for index, expression in enumerate(plain)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "all", "rules": rules}]}, file)
        file.flush()
        judged = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
    if judged.returncode:
        yield judged.stderr + judged.stdout


try:
    for complaint in complaints(json.load(sys.stdin)):
        print(complaint)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
