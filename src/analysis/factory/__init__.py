"""From an executed notebook to a page and a paper, and from a study to all its reports."""

import sys

# Loading nbformat loads jsonschema's checker of internationalised addresses, which builds its grammar anew in every
# process, more slowly than all the rest of a report's machinery is loaded. No notebook's schema has such an address,
# so until nbformat is loaded it cannot be found. https://github.com/python-jsonschema/jsonschema/issues/1428
_CHECKER = "rfc3987_syntax"

if "jsonschema" not in sys.modules:
    sys.modules.setdefault(_CHECKER, None)  # type: ignore[arg-type]


def let_checker_be_found() -> None:
    """Let what comes after nbformat, such as a notebook, load that checker if it wants it."""
    if sys.modules.get(_CHECKER, sys) is None:
        del sys.modules[_CHECKER]
