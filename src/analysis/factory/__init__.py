"""From an executed notebook to a page and a paper, and from a study to all its reports."""

import importlib
import sys

# Loading nbformat loads jsonschema's checker of internationalised addresses, which builds its grammar anew in every
# process, more slowly than all the rest of a report's machinery is loaded. No notebook's schema has such an address.
# https://github.com/python-jsonschema/jsonschema/issues/1428
_CHECKER = "rfc3987_syntax"

if _CHECKER not in sys.modules:
    sys.modules[_CHECKER] = None  # type: ignore[assignment]
    importlib.import_module("nbformat")
    del sys.modules[_CHECKER]
