"""The weekly on-call digest: data in, a Digest out; no I/O."""
