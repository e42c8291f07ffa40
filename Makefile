# make           the paper; notebooks run where what they read has changed
# make rerun     all notebooks afresh, compared with what is committed
# make test      everything that must hold
# make records   what reads records from SPSS, Stata and Parquet
# make lab       Jupyter, to open the notebooks
# make docs      the parts of the manual that are made from the code
# Each sets up what it needs in .venv when it is first run; Python 3.11 or later is enough.

PYTHON ?= python3
RENDERER ?= auto
BIN := .venv/bin
# Packages are installed in groups (install.py): what the paper needs, and what tests need besides.
INSTALLED := .venv/.with-core
TESTED := .venv/.with-test
# The peer that `make bench` counts datasets against; never a dependency.
SCRUTIPY := .paper/scrutipy
TEX := command -v xelatex >/dev/null && command -v lualatex >/dev/null

.DEFAULT_GOAL := paper
.PHONY: FORCE paper rerun install records lab docs test test-quarto test-latex test-slow mutants faults bench lint cohort lock quarto \
  clean

paper: $(INSTALLED)
	@$(BIN)/paper build --renderer $(RENDERER)

# Nothing that is committed is taken for granted: each notebook runs alone, in a copy.
rerun: $(INSTALLED)
	@$(BIN)/paper rerun

install: $(INSTALLED)

# Jupyter, in a browser.
lab: $(INSTALLED) .venv/.with-lab
	@$(BIN)/jupyter lab

# The parts of the manual that are made from the code.
docs: $(INSTALLED)
	@$(BIN)/python docs/build.py

# The readers of SPSS, Stata and Parquet.
records: .venv/.with-records

test: $(TESTED) lint
	$(BIN)/pytest -n auto --dist worksteal -m "not quarto and not slow$$($(TEX) || echo ' and not latex')"
	@$(TEX) || echo 'No TeX here: LaTeX was not compiled.'
	$(BIN)/paper rerun
	@if $(BIN)/python -c 'import sys; from paper.renderers.quarto import has_quarto; sys.exit(not has_quarto())'; \
	  then $(MAKE) test-quarto; else echo 'No Quarto here: its renderer was not compared.'; fi

# Quarto and the embedded renderer print the same numbers; needs Quarto, the one on the PATH, or
# those that are named: make test-quarto QUARTO=/opt/quarto-1.7/bin/quarto:/opt/quarto-1.9/bin/quarto
test-quarto: $(TESTED)
	$(BIN)/pytest -m "quarto$$($(TEX) || echo ' and not latex')"

# XeLaTeX and LuaLaTeX compile the paper's LaTeX, and every page is looked at; needs TeX.
test-latex: $(TESTED)
	$(BIN)/pytest -n auto -m 'latex and not quarto'

# How often each confidence interval holds the truth, by simulation; 200 builds killed at random
# moments; the whole paper built twice.
test-slow: $(TESTED)
	$(BIN)/pytest -n auto -m slow

# How many small faults in src/beforeafter the tests notice (tests/mutants.md); an hour or two.
mutants: $(TESTED) .venv/.with-mutants
	$(BIN)/mutmut run
	@$(BIN)/python tests/mutants.py

# Which of a hundred small faults, in drawings, tables, appendix, cards and text, nothing tells (tests/faults.yml).
faults: $(TESTED)
	@$(BIN)/python tests/faults.py

lint: $(TESTED)
	@$(BIN)/paper check
	@test ! -e .git || ! command -v git > /dev/null || $(BIN)/paper guard --all
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

bench: $(TESTED)
	$(BIN)/python benchmarks/first_page.py
	$(BIN)/python benchmarks/build.py
	$(BIN)/python benchmarks/audit.py
	$(BIN)/python benchmarks/registry.py
	@test -x $(SCRUTIPY)/bin/python || $(PYTHON) -m venv $(SCRUTIPY)
	@$(SCRUTIPY)/bin/pip install --quiet --disable-pip-version-check scrutipy==0.1.12
	$(BIN)/python benchmarks/closure.py $(SCRUTIPY)/bin/python

# The reconstructed patients and what they leave open, from data/study.yml and data/published.yml; half an hour.
cohort: $(INSTALLED)
	$(BIN)/reported reconstruct
	$(BIN)/python data/spreads.py
	$(BIN)/reported bounds

# Exact versions with hashes, for every platform: one file for each group in pyproject.toml, all with
# the same versions. Needs uv.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
lock:
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(LOCK) --output-file requirements-test.lock --group test -c requirements.lock
	for group in reported records lab mutants build; do $(LOCK) --output-file requirements-$$group.lock \
	  --group $$group -c requirements.lock -c requirements-test.lock || exit; done

# Quarto itself: PyPI has a wrapper that downloads it while it installs.
quarto: $(INSTALLED)
	@$(BIN)/pip install 'quarto-cli>=1.7' || { \
	  echo 'Quarto could not be downloaded. `make` renders without it;' \
	       'or install Quarto 1.7 or later, or use environment.yml, which has it.' >&2; exit 1; }
	@$(BIN)/quarto --version

# The Python that made .venv sees to it, unless that is gone or another one is asked for.
.venv/.with-%: FORCE
	@python='$(PYTHON)'; \
	if test '$(origin PYTHON)' = file && $(BIN)/python -I -c '' 2>/dev/null; \
	  then python=$(BIN)/python; fi; \
	$$python -I install.py $*

clean:
	rm -rf _manuscript .paper .quarto
