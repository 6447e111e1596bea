"""Pictures for the README, drawn from what a real run posts: run with `make pictures`, never as tests."""
