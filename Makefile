# Thin wrappers over tools/ and the presets of CMakePresets.json. A newcomer needs two: make demo, make test.
JOBS ?= $(shell nproc)
DIGITS = examples/digits/digits

.PHONY: demo test check tidy build dev asan tsan fuzz bench simulation setup clean

demo: build
	build/release/bin/ponte analyze $(DIGITS).prototxt --weights $(DIGITS).caffemodel --quick \
	  --inputs examples/digits/test_set.npz --labels labels -o build/digits.report.html

test: setup
	cmake --preset ci
	cmake --build --preset ci --parallel $(JOBS)
	ctest --preset ci --parallel $(JOBS) --no-tests=error

check:
	tools/check_words
	tools/check_dependencies
	tools/check_documents --bin build/ci/bin
	tools/check_format

tidy:
	tools/check_tidy --build build/ci --jobs $(JOBS)

build: setup
	cmake --preset release -DPONTE_TESTS=OFF
	cmake --build --preset release --parallel $(JOBS)

dev asan tsan: setup
	cmake --preset $@
	cmake --build --preset $@ --parallel $(JOBS)
	ctest --preset $@ --parallel $(JOBS) --no-tests=error

fuzz: setup
	cmake --preset fuzz
	cmake --build --preset fuzz --parallel $(JOBS)
	tests/fuzz/run 300

bench: setup
	cmake --preset release -DPONTE_TESTS=OFF -DPONTE_BENCHMARKS=ON
	cmake --build --preset release --parallel $(JOBS)
	benchmarks/run

simulation: setup
	cmake --preset ci
	cmake --build --preset ci --parallel $(JOBS) --target test_lab_simulation test_statistics_simulation
	PONTE_EXPERIMENTS=2000 build/ci/bin/test_statistics_simulation
	PONTE_EXPERIMENTS=2000 build/ci/bin/test_lab_simulation

setup:
	@tools/setup

clean:
	rm -rf build
