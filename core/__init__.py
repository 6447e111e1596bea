"""The domain of orch: types, planning, composing and verifying. No I/O."""
