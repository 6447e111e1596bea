"""Brief → Plan."""
