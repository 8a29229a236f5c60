# make report  the demo's pages in reports/demo      make test      everything that CI checks
# make lab     explore in JupyterLab                  make hooks     the same before each commit
# for authors: make notebooks, make publish, make docs, make lock; make licences prints what is used under which
STUDY ?= data/demo
PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS := $(sort $(wildcard notebooks/[0-9][0-9]-*.ipynb))
STRIP := $(BIN)/nbstripout --keep-output --keep-count --extra-keys 'metadata.language_info.version'
SIDE_BY_SIDE := $(BIN)/python -m pytest -n auto --dist loadfile
# Programs that authors use; not part of what the package needs, so they live by themselves.
TOOLS := .tools/bin
PROGRAMS := cyclonedx-bom==7.5.0 pip-licenses==5.5.5 pre-commit==4.7.0 uv==0.13.9

.PHONY: report test lint lab notebooks docs publish lock licences hooks clean

report: .venv/installed
	$(BIN)/cxresearch report $(STUDY)

lab: .venv/installed
	CXRESEARCH_STUDY=$(abspath $(STUDY)) $(BIN)/jupyter lab --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks/explore.ipynb

test: lint
	$(SIDE_BY_SIDE)
	$(SIDE_BY_SIDE) --doctest-modules cxresearch
	$(SIDE_BY_SIDE) --nbval $(NOTEBOOKS)
	$(BIN)/python -m pytest --nbval-lax notebooks/explore.ipynb
	$(BIN)/python -m cxresearch.report.publish --check

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(STRIP) --verify $(NOTEBOOKS) notebooks/explore.ipynb

# Runs the numbered notebooks on the demo and keeps their outputs, which nbval compares.
notebooks: .venv/installed-test
	$(BIN)/python -c "from pathlib import Path; from cxresearch.report import execute_in_place as run; run(Path('notebooks'), Path('data/demo'))"
	$(STRIP) $(NOTEBOOKS) notebooks/explore.ipynb

# Writes docs/reference.md, tables.md and questions.md from signatures, docstrings, schema and list.
docs: .venv/installed
	$(BIN)/python docs/make.py

# Renders reports/example from the notebooks as committed, without running anything.
publish: .venv/installed-test
	$(BIN)/python -m cxresearch.report.publish

# The pins of constraints.txt, for every platform, with PyPI's hash of every file. On Linux PyPI's
# torch is the build for GPUs, so its libraries are in the lock too.
lock: .tools/installed
	$(TOOLS)/uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes \
		--no-header --no-annotate -c constraints.txt --extra test --extra bench \
		pyproject.toml -o requirements.lock

# What the package stands on: a licence a line, and all of it as CycloneDX in reports/bom.json.
licences: .tools/installed .venv/installed
	$(TOOLS)/pip-licenses --python=$(BIN)/python --order=license --with-urls
	@mkdir -p reports
	$(TOOLS)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml -o reports/bom.json

hooks: .tools/installed .venv/installed-test
	$(TOOLS)/pre-commit install

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test]'
	touch $@

.tools/installed: Makefile
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet $(PROGRAMS)
	touch $@

clean:
	rm -rf .venv .tools build reports/demo reports/bom.json
