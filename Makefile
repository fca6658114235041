# floe: a bare `make` lists the targets. GNU make 3.81 and BSD tools suffice.
SHELL := /bin/sh
GO ?= go
HOME_DIR ?= .floe
GAMES ?= 10000
STACK ?= dev
LINT_VERSION := v2.12.2
VULN_VERSION := v1.8.0
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

.PHONY: vulnerabilities
vulnerabilities: ## look for known vulnerabilities in what both modules reach
	@sh scripts/vulnerabilities.sh $(VULN_VERSION) "$(CACHE)/bin"

.PHONY: provider
provider: ## get the Terraform provider that make cloud needs
	@sh scripts/provider.sh "$(CACHE)/terraform"

.PHONY: generate
generate: ## write the JSON Schemas of the YAML files anew
	cd runtime && $(GO) test ./schemas -run TestSchemasAreCurrent -update

.PHONY: crash
crash: build ## kill runs at random points, fill disks, hold locks; compare the marts
	cd runtime && FLOE_BIN=$(CURDIR)/bin $(GO) test -tags crash -count 1 -timeout 30m -v ./internal/crashtest

.PHONY: drill
drill: ## lose a bucket and its catalog, restore from a lagging replica, compare
	cd runtime && $(GO) test -tags drill -count 1 -timeout 10m -v ./internal/drill

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

.PHONY: cost
cost: ## print what STACK would cost: [OUTPUT=json] [DIFF=<folder or file>] [ASSUME="name=value"]
	@cd infra && $(GO) run ./cmd/cost --output "$(or $(OUTPUT),text)" --diff "$(abspath $(DIFF))" --assume "$(ASSUME)" "$(STACK)"

.PHONY: region
region: ## print STACK's region
	@sh scripts/region.sh

.PHONY: review
review: build ## say what a change does: AGAINST=main OUT=review [STACKS="dev prod"] [PREVIEWS=folder]
	@sh scripts/review.sh

.PHONY: release-notes
release-notes: build ## say what a release does to the data: OUT=notes [FROM=v1.2.0] [TO=HEAD] [STACKS=prod]
	@sh scripts/notes.sh

.PHONY: sbom
sbom: ## write what STACK's images are made of: STACK=prod OUT=sbom
	@sh scripts/sbom.sh

.PHONY: same-images
same-images: ## refuse images that are not those of a file: STACK=prod DIGESTS=file
	@sh scripts/images.sh same

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
preview: ## show what a deploy would change: STACK=dev [DIFF=1] [OUT=folder] [PLAN=file]
	@sh scripts/preview.sh

.PHONY: deploy
deploy: build ## preview, ask, deploy: STACK=dev [YES=1] [PLAN=file]
	@sh scripts/deploy.sh

.PHONY: destroy
destroy: ## delete a stack and its data: STACK=dev CONFIRM=dev
	@sh scripts/destroy.sh

.PHONY: drift
drift: ## ask whether STACK is as it was deployed: STACK=dev [OUT=file]
	@sh scripts/drift.sh

.PHONY: drift-begin
drift-begin: ## say in a file that nobody knows yet, until make drift does: OUT=file
	@sh scripts/drift.sh begin

.PHONY: images
images: ## print the digests of the images that STACK runs: STACK=dev [OUT=file]
	@sh scripts/images.sh

.PHONY: pr
pr: build ## give a pull request a stack of its own: PR=12
	@sh scripts/pr.sh make

.PHONY: unpr
unpr: ## delete a pull request's stack and its data: PR=12
	@sh scripts/pr.sh remove

.PHONY: closed-prs
closed-prs: ## print the pull requests that have a stack and are closed or without the label
	@sh scripts/pr.sh closed

.PHONY: released
released: ## check out what the last release deployed to prod
	@sh scripts/released.sh

.PHONY: on-main
on-main: ## refuse a commit that is not on main
	@sh scripts/onmain.sh

# What follows writes to GitHub, from its workflows.
.PHONY: comment
comment: ## write a page under a pull request: PR=12 FILE=review/comment.md
	@sh scripts/comment.sh

.PHONY: drift-issue
drift-issue: ## open, write or close the issue of a stack's drift: STACK=dev FILE=drift.txt
	@sh scripts/issue.sh

.PHONY: release
release: ## make GitHub's release of a tag: TAG=v1.3.0 NOTES=notes/comment.md [ASSETS=folder]
	@sh scripts/release.sh

.PHONY: summary
summary: ## show a file on the page of a workflow's run: FILE=review/comment.md
	@sh scripts/summary.sh
