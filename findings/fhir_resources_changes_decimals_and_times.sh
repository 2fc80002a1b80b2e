#!/bin/bash
# FHIR asks of programs to keep the digits of a decimal ("0.010 is regarded as different to 0.01, and the original
# precision must be preserved", http://hl7.org/fhir/R5/datatypes.html#decimal) and lets an instant have any fraction of a
# second. fhir.resources reads both without a word and writes others: 12.30 becomes 12.3, a number of 17 digits another
# number, nanoseconds are cut. An Observation that is read and written again is not the one that was sent.
# Seen with fhir.resources 8.3.0, fhir-core 1.1.12, pydantic 2 (Python 3.11). Read the JSON with parse_float=Decimal
# where digits matter, such as for readings that are compared with a step.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q fhir.resources==8.3.0 fhir-core==1.1.12
venv/bin/python - <<'END'
import json
from fhir.resources.observation import Observation

BEGINS = '{"resourceType":"Observation","status":"final","code":{"text":"IR"}'
sent = {
    "12.30": BEGINS + ',"valueQuantity":{"value":12.30}}',
    "1234567890123456.7": BEGINS + ',"valueQuantity":{"value":1234567890123456.7}}',
    "2026-03-02T10:00:00.123456789Z": BEGINS + ',"effectiveDateTime":"2026-03-02T10:00:00.123456789Z"}',
}
found = {}
for written, text in sent.items():
    again = json.loads(Observation.model_validate_json(text).model_dump_json(), parse_float=str)
    found[written] = again.get("effectiveDateTime") or again["valueQuantity"]["value"]
for written, read in found.items():
    print(f"{written} -> {read}")
if list(found.values()) != ["12.3", "1234567890123456.8", "2026-03-02T10:00:00.123456Z"]:
    raise SystemExit("the behaviour has changed")
END
