"""Exports of trackers and trees of documents as records: one format a file; `sources.py` knows which is for what."""
