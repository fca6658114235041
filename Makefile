# floe: a bare `make` lists the targets. GNU make 3.81 and BSD tools suffice.
SHELL := /bin/sh
GO ?= go
HOME_DIR ?= .floe
GAMES ?= 10000
STACK ?= dev
LINT_VERSION := v2.12.2
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/floe

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: tools
tools:
	@sh scripts/tools.sh

.PHONY: build
build: tools ## build bin/floe and bin/sample
	@mkdir -p bin
	cd runtime && $(GO) build -ldflags "-s -w" -o ../bin/floe ./cmd/floe
	cd runtime && $(GO) build -ldflags "-s -w" -o ../bin/sample ./cmd/sample

.PHONY: run
run: build ## run the chess workflow on 10,000 sample games and show a mart
	@sh scripts/run.sh "$(GAMES)" "$(HOME_DIR)"

.PHONY: test
test: tools ## test every package; no network beyond the module proxy
	cd runtime && $(GO) test ./...
	@# These read files outside their module, which Go's test cache does not see.
	cd runtime && $(GO) test -count 1 ./schemas
	cd infra && $(GO) test -count 1 ./...

.PHONY: fmt
fmt: ## format the Go files
	gofmt -w infra runtime

.PHONY: lint
lint: ## check formatting, vet, golangci-lint
	@sh scripts/lint.sh $(LINT_VERSION) "$(CACHE)/bin"

.PHONY: generate
generate: ## write the JSON Schemas of the YAML files anew
	cd runtime && $(GO) test ./schemas -run TestSchemasAreCurrent -update

.PHONY: crash
crash: build ## kill runs at random points, fill disks, hold locks; compare the marts
	cd runtime && FLOE_BIN=$(CURDIR)/bin $(GO) test -tags crash -count 1 -timeout 30m -v ./internal/crashtest

.PHONY: guides
guides: build ## do what README and docs/ say, in a copy of the project
	cd runtime && $(GO) test -tags guides -count 1 -timeout 30m ./internal/guides

.PHONY: interop
interop: build ## read every table with PyIceberg and Spark and compare
	cd runtime && FLOE_BIN=$(CURDIR)/bin $(GO) test -tags interop -count 1 -timeout 45m -v ./internal/interop

.PHONY: cloud
cloud: tools ## deploy, change, run and destroy stacks in an AWS that runs here
	sh scripts/cloud.sh "$(CACHE)/cloud" $(CLOUD_FLAGS)

.PHONY: resources
resources: ## print every resource that STACK would have, as JSON lines
	@cd infra && $(GO) run ./cmd/resources "$(STACK)"

.PHONY: bench
bench: build ## rows per CPU second, memory and bytes, beside dlt
	cd runtime && FLOE_BIN=$(CURDIR)/bin $(GO) run ./cmd/bench $(BENCH_FLAGS)

.PHONY: clean
clean: ## remove bin/ and the home
	rm -rf bin "$(HOME_DIR)"

# What follows works on an AWS account; docs/deploy.md is the path. The values
# (STACK=dev …) reach the scripts as environment variables, untouched by a shell.
.PHONY: bootstrap
bootstrap: ## make what an AWS account has once: STACK=dev [ADMIN=arn:…] [DRY_RUN=1]
	@sh scripts/bootstrap.sh make

.PHONY: unbootstrap
unbootstrap: ## take back what bootstrap made: STACK=dev CONFIRM=<account>
	@sh scripts/bootstrap.sh remove

.PHONY: preview
preview: ## show what a deploy would change: STACK=dev [DIFF=1]
	@sh scripts/preview.sh

.PHONY: deploy
deploy: build ## preview, ask, deploy: STACK=dev [YES=1]
	@sh scripts/deploy.sh

.PHONY: destroy
destroy: ## delete a stack and its data: STACK=dev CONFIRM=dev
	@sh scripts/destroy.sh
