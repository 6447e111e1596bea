"""How much of an output becomes citations: enough to follow a statement, not a second copy of the output."""

MAX_CITATIONS = 8
MAX_LINE_CITATIONS = 8
MAX_QUOTED_SAMPLES = 10
