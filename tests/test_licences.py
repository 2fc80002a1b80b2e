"""Every locked package has a licence that the suite may rest on, and the bill of materials names them all."""

import re
import runpy

import pytest

from tests_support import ROOT

sbom = runpy.run_path(str(ROOT / "docs/make_sbom.py"))
LICENCES = sbom["LICENCES"]
PACKAGES = sorted({package.name for package in sbom["locked"]()})


def refused(expression):
    """The licences of an SPDX expression that are not allowed; of alternatives one suffices."""
    choices = [re.split(r" AND ", choice.strip("()")) for choice in (expression or "UNKNOWN").split(" OR ")]
    unfit = [[name for name in names if name not in LICENCES["allowed"]] for names in choices]
    return min(unfit, key=len)


def test_the_licence_of_every_locked_package_is_known_and_allowed():
    assert {name: refused(sbom["licence"](name)) for name in PACKAGES if refused(sbom["licence"](name))} == {}


@pytest.mark.parametrize(
    ("expression", "unfit"),
    [
        ("MIT", []),
        ("Apache-2.0 AND MIT", []),
        ("Apache-2.0 OR GPL-2.0-only", []),
        ("GPL-3.0-or-later", ["GPL-3.0-or-later"]),
        ("MIT AND AGPL-3.0-only", ["AGPL-3.0-only"]),
        (None, ["UNKNOWN"]),
    ],
)
def test_copyleft_and_the_unknown_are_refused(expression, unfit):
    assert refused(expression) == unfit


def test_the_table_holds_locked_packages_once_each():
    listed = [name for names in LICENCES["packages"].values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(PACKAGES), "no longer locked; remove it from docs/licences.toml"


def test_the_bill_has_every_locked_package_with_its_files():
    bill = sbom["bill"]()
    assert {part["name"] for part in bill["components"]} == set(PACKAGES)
    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(refs) == len(set(refs))
    assert all(len(part["externalReferences"][0]["hashes"][0]["content"]) == 64 for part in bill["components"])
    scopes = {part["name"]: part["scope"] for part in bill["components"]}
    assert [scopes[name] for name in ("pandas", "python-dateutil", "pytest")] == ["required", "required", "excluded"]
    assert {ref for entry in bill["dependencies"] for ref in entry["dependsOn"]} <= set(refs)
    assert sbom["bill"]() == bill
