# Bare `make` prints this help; every target brings in first what it needs.

# The hotline to run: a folder of deploy/hotlines.
HOTLINE ?= zz
# Added to every port, so that two checkouts run side by side.
PORT_OFFSET ?= 0

BRING := sh deploy/bring/bring.sh
BIN   := .cache/bin
# Without a C compiler of the system the race detector takes the one of deploy/bring.
RACE  := export CGO_ENABLED=1; [ ! -x $(CURDIR)/$(BIN)/cc ] || export CC=$(CURDIR)/$(BIN)/cc
# SQLite is C that was translated to Go: the detector finds nothing in it that we could mend,
# and it takes five times the CPU of every test with a database. Our own code is watched, and
# so is the driver: it holds copies of generic code of the standard library, and the linker may
# take one of those for everybody, which the detector then takes for races.
WATCH := -race -gcflags=modernc.org/sqlite/lib=-race=false

.DEFAULT_GOAL := help
.PHONY: help run demo pages test conformance bench bench-sms bench-orders chaos-sms interop benchstat chaos parts build prompts lint fmt fuzz flood versions clean distclean

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  variables: HOTLINE=$(HOTLINE) (deploy/hotlines), PORT_OFFSET=$(PORT_OFFSET) (added to every port)"

run: prompts ## bring in, build, render prompts, start everything, say what to dial; Ctrl-C stops it
	@exec $(BIN)/hotline up --die-with-parent --profile $(HOTLINE) --port-offset $(PORT_OFFSET)

demo: prompts ## the same, then play a citizen's day by real calls and texts; exits 0 or names the failed step
	@exec $(BIN)/hotline up --die-with-parent --demo --profile $(HOTLINE) --port-offset $(PORT_OFFSET)

test: parts prompts versions ## vet, then every test with the race detector and the real parts
	@$(BRING) cc
	go vet ./...
	@rm -f .cache/race.*
	$(RACE); export GORACE=log_path=$(CURDIR)/.cache/race; go test $(WATCH) -count=1 -timeout 40m -p 2 ./... || { cat .cache/race.* 2>/dev/null; exit 1; }

CHROMIUM ?= chromium
# A folder for a picture of each page that make pages looks at; empty: none is kept.
PICTURES ?=
pages: ## every page of the console in a headless Chromium (CHROMIUM), as each role, wide and as a phone's screen, and by the keyboard; pictures into PICTURES
	HOTLINE_CHROMIUM=$(CHROMIUM) HOTLINE_PICTURES=$(abspath $(PICTURES)) go test -count=1 -v -run TestInBrowser ./dispatch/console

conformance: parts prompts ## which clause of the five regulations is proven by which test; fails on a gap
	@$(BIN)/hotline conformance --html .cache/conformance.html

bench: ## compare what a call costs (dialplan, FastAGI, ari/v5, Hotline) and write BENCH.md; 15 minutes
	@$(BRING) asterisk redis
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/bench
	@sh .ci/benchstat > .cache/benchstat.txt || echo 'not compared here: .ci/benchstat failed' > .cache/benchstat.txt
	@exec $(BIN)/bench -benchstat .cache/benchstat.txt $(BENCH)

bench-sms: ## measure the text gateway beside Kannel, at its links' limits, and killed, and write BENCH.md; 20 minutes
	@$(BRING) postgres redis kannel
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/benchsms
	@exec $(BIN)/benchsms $(BENCH)

bench-orders: ## fill SQLite and PostgreSQL with a million orders each, measure, let 50 clerks and 20 units work, and write BENCH.md; 40 minutes
	@$(BRING) postgres
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/benchorders
	@exec $(BIN)/benchorders $(BENCH)

KILLS ?= 200
chaos-sms: ## kill the text gateway KILLS (200) times over SMPP and as often over CMPP, and audit what became of the texts
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/benchsms
	@exec $(BIN)/benchsms -only kills -kills $(KILLS) -out .cache/chaos-sms.md

interop: ## hold our SMPP against an SMSC that is not ours (npm's smpp; needs node) and Kannel against our SMSC
	@$(BRING) kannel
	npm install --silent --no-audit --no-fund --prefix .cache/npm smpp@0.5.1
	HOTLINE_INTEROP=1 go test -count=1 -v -run TestInterop ./cmd/benchsms

benchstat: ## compare the Go benchmarks of the hot path with the previous commit
	@sh .ci/benchstat

chaos: build ## break one thing after another under a load of calls, and audit what became of them; 200 rounds, 50 minutes
	@$(BRING)
	@$(BIN)/hotline prompts build
	go build -o $(BIN)/ ./cmd/chaos
	@exec $(BIN)/chaos $(CHAOS)

parts: ## bring in every outside program, those only tests need too
	@$(BRING)

build: ## build hotline and carrier into .cache/bin
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/hotline ./cmd/carrier

prompts: build ## render what callers hear; only what changed
	@$(BRING) asterisk redis espeak flite sox
	@$(BIN)/hotline prompts build

versions: parts ## bring in everything and print each version
	@go version
	@$(BRING) --versions

lint: ## gofmt, vet and staticcheck
	@test -z "$$(gofmt -l asterisk cmd deploy dispatch ivr sms | tee /dev/stderr)" || { echo "run: make fmt"; exit 1; }
	go vet ./...
	@sh .ci/staticcheck

fmt: ## format the Go code
	gofmt -w asterisk cmd deploy dispatch ivr sms

FUZZTIME ?= 30s
fuzz: parts prompts ## run every fuzz function for FUZZTIME (30s) each, then malformed SIP at a whole hotline for as long
	@sh .ci/fuzz $(FUZZTIME)
	HOTLINE_SIPFUZZ=$(FUZZTIME) go test -count=1 -timeout 0 -v -run TestFuzzedSIP ./cmd/hotline

FLOOD ?= 10000
flood: parts prompts ## offer FLOOD (10000) calls at five times what the hotline takes
	HOTLINE_FLOOD=$(FLOOD) go test -count=1 -timeout 0 -v -run TestFloodOfCalls ./cmd/hotline

clean: ## remove what was built, rendered and run; keep what was brought in
	rm -rf .run .cache/sounds .cache/benchstat .cache/benchstat.txt $(BIN)/hotline $(BIN)/carrier $(BIN)/bench $(BIN)/benchsms $(BIN)/chaos

distclean: clean ## remove what was brought in too
	rm -rf .cache
