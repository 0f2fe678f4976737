# The commands of CONTRIBUTING.md and .ci/run.

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

# fix what ruff can fix
fix:
    ruff check --fix .
    ruff format .

# run all tests
test:
    python -m pytest

# measure speed, as ratios against other SDKs; write the results and the plots
bench:
    pip install -q -e ".[benchmarks]"
    python -m benchmarks --save
