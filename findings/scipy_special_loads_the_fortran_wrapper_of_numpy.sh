#!/bin/bash
# "import scipy.special" also loads numpy.f2py, which wraps Fortran, numpy.testing with unittest, and more, which numpy
# itself loads only when asked: scipy's copy of array-api-compat looks at every public name of numpy, and looking loads
# them. That takes nearly as long as scipy.special itself, in every program that starts with it.
# Seen with scipy 1.17.1, numpy 2.4.6 (Python 3.11): 31 modules of f2py, testing and unittest, and what they need;
# none of them after "import numpy". They take two fifths of the time that scipy.special takes to load after numpy.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv && venv/bin/pip install -q scipy==1.17.1 numpy==2.4.6
venv/bin/python - <<'END'
import subprocess
import sys
import time

LAZY = ("numpy.f2py", "numpy.testing", "unittest")
COUNT = f"import sys; print(sum(name.startswith({LAZY!r}) for name in sys.modules))"

def run(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()

before, after = int(run(f"import numpy; {COUNT}")), int(run(f"import scipy.special; {COUNT}"))
print("modules of", ", ".join(LAZY), "loaded by numpy:", before, "by scipy.special:", after)

TIME = "import time, numpy{}; start = time.perf_counter(); import scipy.special; print(time.perf_counter() - start)"
alone = min(float(run(TIME.format(""))) for _ in range(7))
without = min(float(run(TIME.format(", numpy.f2py, numpy.testing"))) for _ in range(7))
print(f"share of the time that goes into them: {1 - without / alone:.0%}")
if before or not after:
    raise SystemExit("the behaviour has changed")
END
