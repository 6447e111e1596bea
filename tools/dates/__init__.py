"""English expressions of time in running text, and what they stand for at a reference time."""
