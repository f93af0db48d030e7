# What people type. `make help` lists it.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
SWIFT_FLAGS ?=
FUZZ_SECONDS ?= 60
# Relocations in the short form that glibc 2.36 reads, and no table of symbols that nobody links against: two megabytes less.
RELEASE_FLAGS = -c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --gc-sections \
	-Xlinker -z -Xlinker pack-relative-relocs -Xlinker --no-export-dynamic
BENCH ?=
INSTALLED_ROOMS = CJSONC CLinux Diagnostics PacketModel JSONC Seawall FirewallIR Compiler Semantics SeawallTesting
INSTALLED_MODULES = PacketModel JSONC Seawall
lib = $(DESTDIR)$(PREFIX)/lib/seawall

.PHONY: help
help: ## Show this.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

.PHONY: setup
setup: ## Install the Debian packages that are missing (as root).
	@Support/setup

.PHONY: build
build: setup ## Build everything for development.
	$(SWIFT) build $(SWIFT_FLAGS)

.PHONY: lint
lint: ## Check the form of the source.
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks templates Support

.PHONY: format
format: ## Bring the source into form.
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks templates Support

.PHONY: test
test: setup lint ## Run every test, those in network namespaces too (as root).
	$(SWIFT) build $(SWIFT_FLAGS) --build-tests
	$(SWIFT) test $(SWIFT_FLAGS) --skip-build

.PHONY: test-docker
test-docker: setup ## Run the tests beside a real engine of Docker's alone (as root).
	$(SWIFT) test $(SWIFT_FLAGS) --filter DockerTests

.PHONY: test-long
test-long: setup ## Run the tests that take long as well.
	SEAWALL_LONG_TESTS=1 $(SWIFT) test $(SWIFT_FLAGS)

.PHONY: migration-trial
migration-trial: release ## Migrate the rule sets of FOLDERS in namespaces, judged by packets before and after (as root).
	$(SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product seawall-migration-trial
	.build/release/seawall-migration-trial $(FOLDERS)

.PHONY: fuzz
fuzz: setup ## Throw random input at the readers; FUZZ_SECONDS=60 for each.
	@SWIFT="$(SWIFT)" Support/fuzz $(FUZZ_SECONDS)

.PHONY: demo
demo: setup ## Policies, both backends, real packets in namespaces, one table (as root).
	$(SWIFT) build $(SWIFT_FLAGS)
	.build/debug/seawall-demo

.PHONY: release
release: setup ## Build the binary that hosts need: .build/release/seawall, without a Swift runtime.
	$(SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product Seawall
	$(SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product seawall

.PHONY: bench
bench: release ## Measure, print tables, fill in docs/performance.md (as root, an hour); BENCH="--packets --quick" for less.
	$(SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product seawall-bench
ifeq ($(strip $(BENCH)),)
	status=0; .build/release/seawall-bench --json .build/bench.json || status=$$?; \
	test $$status -gt 1 || .build/release/seawall-bench --report .build/bench.json docs/performance.md docs/plots; \
	exit $$status
else
	.build/release/seawall-bench $(BENCH)
endif

.PHONY: install
install: ## Install the release build below PREFIX (after `make release`).
	@test -x .build/release/seawall || { echo "make install: run 'make release' first" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(lib)/Modules $(lib)/package/Sources
	install -m 755 .build/release/seawall $(DESTDIR)$(PREFIX)/bin/seawall
	strip --strip-all $(DESTDIR)$(PREFIX)/bin/seawall
	install -m 644 .build/release/libSeawall.a $(lib)/libSeawall.a
	for module in $(INSTALLED_MODULES); do install -m 644 .build/release/Modules/$$module.swiftmodule $(lib)/Modules/; done
	for map in CJSONC CLinux; do install -d $(lib)/$$map && install -m 644 Sources/$$map/* $(lib)/$$map/; done
	rm -rf $(lib)/package/Sources/* $(lib)/package/templates
	for room in $(INSTALLED_ROOMS); do cp -R Sources/$$room $(lib)/package/Sources/; done
	cp -R templates $(lib)/package/templates
	install -m 644 Support/installed-package/Package.swift $(lib)/package/Package.swift
	swiftc --version 2>/dev/null | head -n 1 > $(lib)/swiftc-version

.PHONY: check-install
check-install: release ## Install the release build into a folder of its own, and use it.
	Support/check-install

.PHONY: uninstall
uninstall: ## Take back what install wrote.
	rm -f $(DESTDIR)$(PREFIX)/bin/seawall
	rm -rf $(lib)

.PHONY: clean
clean: ## Remove what was built.
	$(SWIFT) package clean
