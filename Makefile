# Two commands do everything: `make report` and `make test`. Both set up what they need first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Where it is set, each of the many processes that reports and tests start would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup report test tests quick soak coverage mutants browser lint lab bench lock sbom clean

setup: $(STAMP)

# The list is whole, so pip need not look for more (--no-deps), and two can each install half of it, as each uses one core.
# They would compile on one core too, and the tests of libraries; compileall does on all, and the few files that it cannot
# compile are templates and meant for other Pythons. pip writes the whole path of the package, which Python 3.11 and 3.12
# cannot read where it has an umlaut and LC_ALL is C; from there it is plain ASCII.
$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	awk '/^[[:alnum:]]/ { n++ } { print > (".venv/half-" n % 2 ".txt") }' requirements.txt
	printf '%s\n' 0 1 | xargs -P 2 -I {} $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps --no-compile -r .venv/half-{}.txt
	$(BIN)/python -m compileall -qq -j 0 -x '/(tests?|mypyc?)/' .venv/lib || true
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	for path in .venv/lib/python*/site-packages/*capsule_outcomes*.pth; do echo ../../../../src >"$$path"; done
	touch $(STAMP)

report: setup
	$(BIN)/capsule report data/raw/demo --by clinic_id --out reports
	$(BIN)/capsule report data/raw/bath-hips --out reports

MYPY = $(BIN)/python -c 'import gc; gc.disable(); from mypy.__main__ import console_entry; console_entry()'

# Types are checked against the libraries that Python 3.11 gets; the stubs of numpy 2.5 on later Pythons refuse calls
# that numpy takes. Where a machine checks them once (CI) nothing is kept for the next time. What mypy no longer needs
# stays in memory, 1.5 GB instead of 0.7: looking for it takes a seventh of the time.
lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	if $(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then $(MYPY) $(if $(CI),--cache-dir=/dev/null); fi

# For every save: the rules, the statistics and the examples in docstrings, in a minute or two.
quick: setup
	$(BIN)/ruff check --quiet
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q tests/stats tests/protocol tests/hips tests/answers src/analysis

# Lines and branches, in per cent, that the tests of the core take at least; raised when more are taken, never lowered.
FLOORS := hips:98 answers:96 stats:99 disclosure:94

# Apart from `make test`, because on Python 3.11 counting branches doubles the time of the core's tests.
coverage: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q --cov=src/analysis tests/stats tests/hips tests/answers \
	  tests/disclosure tests/test_disclosure.py tests/factory/test_report_audit.py
	for floor in $(FLOORS); do \
	  $(BIN)/coverage report --include="src/analysis/$${floor%:*}/*" --format=total --fail-under=$${floor#*:} >/dev/null \
	    || { echo "src/analysis/$${floor%:*}: fewer than $${floor#*:} % of its lines and branches are tested"; exit 1; }; done

# Changes the core one operator at a time and says which changes no test sees; hours for all of it, so name a part:
# make mutants ARGS="answers/rates.py --sample 30"
mutants: setup
	nice $(BIN)/python tests/mutants.py $(ARGS)

# Finds a browser for the tests of pages, or fetches one where that can be done.
browser: setup
	$(BIN)/python tests/browsers.py

# Types are checked beside the tests, some of which wait.
test: browser
	$(MAKE) --no-print-directory -j 2 lint tests

# Three processes keep two cores busy: some wait for a browser, a kernel or reports being built.
tests: setup
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# More random cohorts, of which every sentence is counted again: make soak COHORTS=40
soak: setup
	COHORTS=$(or $(COHORTS),40) $(BIN)/python -m pytest -n 2 -q tests/test_notebook_numbers.py -k random

# ARGS are JupyterLab's own options: make lab ARGS="--no-browser --port 9999"
lab: setup
	$(BIN)/capsule lab $(ARGS)

# Ratios, both sides in one run. reports_kills.py, claims.py and planning.py take long and are run by hand.
bench: setup
	for part in classify intake coverage sensitivity drawing reports; do $(BIN)/python benchmarks/$$part.py || exit 1; done

# For maintainers: uv resolves for every platform at once; no index address is written.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --extra dev --extra cluster --extra redcap --extra r --extra form \
	  --extra word pyproject.toml --output-file requirements.txt

# What is installed, with licences and hashes, for those who watch for known faults (CycloneDX).
sbom: setup
	$(BIN)/python docs/make_sbom.py sbom.cdx.json

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
