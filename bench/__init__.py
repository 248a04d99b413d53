"""Benchmarks: `python -m bench` (README.md says what each one measures and how to read it)."""
