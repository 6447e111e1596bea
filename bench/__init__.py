"""Measurements: run with `make bench…`, never as tests."""
