# make report  the demo's pages in reports/demo      make test  everything that CI checks
# make lab     explore in JupyterLab                  make notebooks, make publish: for authors
STUDY ?= data/demo
PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS := $(sort $(wildcard notebooks/[0-9][0-9]-*.ipynb))
STRIP := $(BIN)/nbstripout --keep-output --keep-count --extra-keys 'metadata.language_info.version'

.PHONY: report test lab notebooks publish clean

report: .venv/installed
	$(BIN)/cxresearch report $(STUDY)

lab: .venv/installed
	CXRESEARCH_STUDY=$(abspath $(STUDY)) $(BIN)/jupyter lab --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks/explore.ipynb

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(STRIP) --verify $(NOTEBOOKS) notebooks/explore.ipynb
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(BIN)/python -m pytest --nbval $(NOTEBOOKS)
	$(BIN)/python -m pytest --nbval-lax notebooks/explore.ipynb
	$(BIN)/python -m cxresearch.report.publish --check

# Runs the numbered notebooks on the demo and keeps their outputs, which nbval compares.
notebooks: .venv/installed-test
	$(BIN)/python -c "from pathlib import Path; from cxresearch.report import execute_in_place as run; run(Path('notebooks'), Path('data/demo'))"
	$(STRIP) $(NOTEBOOKS) notebooks/explore.ipynb

# Renders reports/example from the notebooks as committed, without running anything.
publish: .venv/installed-test
	$(BIN)/python -m cxresearch.report.publish

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf .venv reports/demo
