"""Says what is wrong with a document of OpenAPI; nothing, if nothing is."""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

for error in OpenAPIV31SpecValidator(json.load(sys.stdin)).iter_errors():
    print("/".join(str(part) for part in error.absolute_path), error.message)
