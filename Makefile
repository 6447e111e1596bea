# `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# uv from the PATH, else a copy of our own under .tools (installed with pip on first use).
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PY := $(UV) run --frozen --no-sync
STAMP := .venv/.synced

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

.tools/bin/uv:
	@echo "orch: uv is not on the PATH: installing uv $(UV_VERSION) into .tools (once)"
	@for py in python3.13 python3 python; do \
	   if $$py -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then exec_py=$$py; break; fi; done; \
	 if [ -z "$$exec_py" ]; then echo "orch: Python 3.13 or newer was not found on the PATH: install it first" >&2; exit 1; fi; \
	 $$exec_py -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

$(STAMP): pyproject.toml uv.lock .python-version | $(filter .tools/bin/uv,$(UV))
	@echo "orch: installing the locked dependencies into .venv (once; seconds)"
	@$(UV) sync --frozen --quiet
	@touch $@

.PHONY: run
run: $(STAMP) ## serve orch on 127.0.0.1:8000
	@exec $(PY) python -m bot serve

.PHONY: worker
worker: $(STAMP) ## run tasks in a process of its own, beside others on one ORCHESTRATOR_DATABASE_URL
	@exec $(PY) python -m bot worker

.PHONY: run-manual-tool
run-manual-tool: $(STAMP) ## serve the manual proxy to the company systems alone, on 8010
	@exec $(PY) python -m bot manual

.PHONY: mocks
mocks: $(STAMP) ## serve the mock Jira, metrics and logs systems on 8001, 8002 and 8003
	@exec $(PY) python -m company_details.company_sim.mock_systems

.PHONY: company
company: $(STAMP) ## rebuild the simulated company, byte for byte
	@$(PY) python -m company_details.generator

.PHONY: test
test: $(STAMP) ## the whole suite, a real PostgreSQL included
	@$(PY) pytest -m "not real"

.PHONY: test-real
test-real: $(STAMP) ## the clients against real counterparts (needs Debian's prometheus package)
	@$(PY) pytest -m real -n0

# Both run, whatever the first one says.
.PHONY: bench
bench: $(STAMP) ## bench-pipeline, and bench-queue with a table of 1,000,000 finished tasks (10 minutes)
	@status=0; $(PY) python -m bench.pipeline || status=1; \
	 $(PY) python -m bench.throughput --finished $(or $(FINISHED),1000000) || status=1; exit $$status

.PHONY: bench-pipeline
bench-pipeline: $(STAMP) ## the pipeline's own cost beside the cost of its tool calls
	@$(PY) python -m bench.pipeline

.PHONY: bench-queue
bench-queue: $(STAMP) ## tasks per second with 1, 2 and 4 workers, intake, pick-up; FINISHED=1000000 fills the table first
	@$(PY) python -m bench.throughput --finished $(or $(FINISHED),0)

.PHONY: bench-slack
bench-slack: $(STAMP) ## seconds from an alert post to evidence and verdict in its thread
	@$(PY) python -m bench.slack_latency

.PHONY: bench-ack
bench-ack: $(STAMP) ## how soon Slack's events are acknowledged, 200 a second for 30 s
	@$(PY) python -m bench.slack_ack

.PHONY: chaos
chaos: $(STAMP) ## 10,000 Slack events while processes are killed, the database crashes and Slack misbehaves (minutes)
	@$(PY) python -m bench.chaos

.PHONY: chaos-short
chaos-short: $(STAMP) ## the same with a few hundred events, as CI runs it
	@$(PY) python -m bench.chaos --short

# Needs Chromium, pngquant, and the fonts Inter and Noto Color Emoji (Debian: chromium pngquant fonts-inter
# fonts-noto-color-emoji).
.PHONY: pictures
pictures: $(STAMP) ## the README's pictures of a Slack thread, from the blocks of a real run
	@$(PY) python -m docs.pictures

.PHONY: bench-retrieval
bench-retrieval: $(STAMP) ## retrieval beside other engines: FILES="folder …", each with corpus.jsonl, queries.jsonl, qrels.tsv
	@$(PY) python -m bench.retrieval $(FILES)

.PHONY: bench-extraction
bench-extraction: $(STAMP) ## dates, impact and key events beside other libraries: FILES="folder …" of labelled texts
	@UV=$(UV) $(PY) python -m bench.extraction $(FILES)

.PHONY: bench-scale
bench-scale: $(STAMP) ## what a question costs in collections of growing size: SIZES="10000 100000", OPTIONS=--dense
	@$(PY) python -m bench.retrieval_scale $(SIZES) $(OPTIONS)

.PHONY: index
index: $(STAMP) ## the index of earlier issues: the company's own, and SOURCES="export-or-folder …"
	@$(PY) python -m retrieval build $(SOURCES)

.PHONY: fmt
fmt: $(STAMP) ## format and mend what can be mended
	@$(PY) ruff format . && $(PY) ruff check --fix .

.PHONY: lint
lint: $(STAMP) ## style, types, walls
	@$(PY) ruff format --check . && $(PY) ruff check . && $(PY) pyright && $(PY) lint-imports
