# A thin door to the CMake presets: every target sets up what is missing, configures and builds in build/<preset>.
PRESET ?= release
JOBS ?= $(shell nproc)
# make test LABEL=threads builds and runs only the tests with that label.
LABEL ?=

.DEFAULT_GOAL := help
.PHONY: help setup release dev asan tsan bare test mnist regressor bench install format check clean

help:
	@echo 'make mnist                  train the MNIST network of examples/mnist_mlp.cpp on the real data'
	@echo 'make test [PRESET=…]        build and run every test (presets: release dev asan tsan bare; LABEL=threads)'
	@echo 'make release|dev|asan|tsan|bare   build the library, keras-bench and the examples in build/<preset>'
	@echo 'make regressor              fit a line, with pictures'
	@echo 'make bench [WORKLOADS=…]    our figures beside those of the peers and the floor; writes docs/benchmarks.md'
	@echo 'make install DESTINATION=…  install build/release there'
	@echo 'make format | make check    format the sources | check format and include rules'
	@echo 'make setup                  only install what the build needs'

setup:
	@tools/setup.sh

release dev asan tsan bare: setup
	@cmake --preset $@ --log-level=WARNING
	@cmake --build --preset $@ -j $(JOBS)

test: setup
	@cmake --preset $(PRESET) --log-level=WARNING
	@cmake --build --preset $(PRESET) -j $(JOBS) --target $(if $(LABEL),tests_$(LABEL),all tests)
	@cat build/$(PRESET)/tests_left_out.txt; echo
	@cd build/$(PRESET) && ctest --output-on-failure -j $(JOBS) $(if $(LABEL),-L '^$(LABEL)$$')

mnist: setup
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target mnist_mlp
	@build/release/mnist_mlp

regressor: setup
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target regressor
	@build/release/regressor

# WORKLOADS='mnist_mlp …' runs only those; the page keeps the others' last figures.
bench: release
	@cmake --build --preset release -j $(JOBS) --target floors
	@python3 benchmarks/compare.py $(WORKLOADS) --report

install: release
	@cmake --install build/release --prefix '$(or $(DESTINATION),$(error say where: make install DESTINATION=/opt/keras))'

format: setup
	@tools/check_format.sh --fix

check: setup
	@python3 tools/check_rooms.py
	@tools/check_format.sh

clean:
	@rm -rf build
