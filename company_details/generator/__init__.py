"""Larkfield, the simulated company: one scenario, from which every file of the pack is written."""
