# make        the paper, in four formats
# make test   everything that must hold
# Both set up what they need in .venv; Python 3.11 or later is enough.

PYTHON ?= python3
RENDERER ?= auto
BIN := .venv/bin
INSTALLED := .venv/.installed
# Nothing is compiled: wheels only, but for one package of plain Python that has none.
WHEELS := --only-binary :all: --no-binary autograd-gamma
# The peer that `make bench` counts datasets against; never a dependency.
SCRUTIPY := .paper/scrutipy
TEX := command -v xelatex >/dev/null && command -v lualatex >/dev/null

.DEFAULT_GOAL := paper
.PHONY: paper test test-quarto test-latex test-slow mutants bench lint cohort lock quarto clean

paper: $(INSTALLED)
	@$(BIN)/paper build --renderer $(RENDERER)

test: $(INSTALLED) lint
	$(BIN)/pytest -n auto -m 'not quarto and not latex and not slow'
	$(BIN)/paper check --frozen
	@if $(BIN)/python -c 'import sys; from paper.quarto import has_quarto; sys.exit(not has_quarto())'; \
	  then $(MAKE) test-quarto; else echo 'No Quarto here: its renderer was not compared.'; fi
	@if $(TEX); then $(MAKE) test-latex; else echo 'No TeX here: LaTeX was not compiled.'; fi

# Quarto and the embedded renderer print the same numbers; needs Quarto.
test-quarto: $(INSTALLED)
	$(BIN)/pytest -m "quarto$$($(TEX) || echo ' and not latex')"

# XeLaTeX and LuaLaTeX compile the paper's LaTeX, and every page is looked at; needs TeX.
test-latex: $(INSTALLED)
	$(BIN)/pytest -n auto -m 'latex and not quarto'

# How often each confidence interval holds the truth, by simulation; 200 builds killed at random
# moments; the whole paper built twice.
test-slow: $(INSTALLED)
	$(BIN)/pytest -n auto -m slow

# How many small faults in src/paincohort the tests notice (tests/mutants.md); an hour or two.
mutants: $(INSTALLED)
	@$(BIN)/pip install --quiet --disable-pip-version-check mutmut==3.8.1
	$(BIN)/mutmut run
	@$(BIN)/python tests/mutants.py

lint: $(INSTALLED)
	@$(BIN)/paper check
	@test ! -e .git || $(BIN)/paper guard --all
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(INSTALLED)
	$(BIN)/python benchmarks/build.py
	$(BIN)/python benchmarks/audit.py
	$(BIN)/python benchmarks/registry.py
	@test -x $(SCRUTIPY)/bin/python || $(PYTHON) -m venv $(SCRUTIPY)
	@$(SCRUTIPY)/bin/pip install --quiet --disable-pip-version-check scrutipy==0.1.12
	$(BIN)/python benchmarks/closure.py $(SCRUTIPY)/bin/python

# The reconstructed patients and what they leave open, from data/study.yml and data/published.yml.
cohort: $(INSTALLED)
	$(BIN)/reported reconstruct
	$(BIN)/reported bounds

# Exact versions with hashes, for every platform. Needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --extra build --extra records --extra test \
	  pyproject.toml --output-file requirements.lock

# Quarto itself: PyPI has a wrapper that downloads it while it installs.
quarto: $(INSTALLED)
	@$(BIN)/pip install --quiet 'quarto-cli>=1.4' 2>/dev/null || { \
	  echo 'Quarto could not be downloaded. `make` renders without it;' \
	       'or install Quarto 1.4 or later, or use environment.yml, which has it.' >&2; exit 1; }
	@$(BIN)/quarto --version

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or later is needed: make PYTHON=python3.12' >&2; exit 1; }
	@echo 'Setting up .venv (about a minute)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes $(WHEELS) \
	  -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

clean:
	rm -rf _manuscript .paper .quarto
