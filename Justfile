# The commands of CONTRIBUTING.md and .ci/run, by name.

default:
    @just --list

# install the package with everything to work on it
setup:
    pip install -e ".[dev]"

# check style and types
lint:
    ruff check .
    ruff format --check .
    mypy

# mend what can be mended
fix:
    ruff check --fix .
    ruff format .

# run all tests
test:
    python -m pytest

# measure speed, as ratios against what one might use instead; write the results and the plots
bench:
    pip install -q -e ".[benchmarks]"
    python -m benchmarks --save
