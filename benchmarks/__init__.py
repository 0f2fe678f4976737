"""Ratios against what a user would pick instead: `python -m benchmarks`, or `just bench`. See docs/performance.md."""
