"""Reads manifests and says in a line for each what is wrong with it: nothing, if all is well."""

import sys

import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator import v1

OPERATOR = {"PodMonitor": v1.PodMonitor, "ServiceMonitor": v1.ServiceMonitor}


def complaint(document):
    model = OPERATOR.get(document["kind"])
    try:
        if model is None:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        elif read_back(model, document) != document:
            return "a member is not known to the Prometheus Operator"
    except Exception as error:
        return " ".join(repr(error).split())


def read_back(model, document):
    """What is not known is passed over, and so is not there afterwards."""
    return model.model_validate(document).model_dump(by_alias=True, exclude_unset=True, mode="json")


documents = list(yaml.safe_load_all(sys.stdin))
if not documents:
    print("there is no document")
for document in documents:
    said = complaint(document)
    if said:
        print(f"{document['kind']}: {said}")
