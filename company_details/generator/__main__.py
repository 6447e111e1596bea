"""`python -m company_details.generator [DIRECTORY]`: rebuilds the simulated company."""

import sys
import time
from pathlib import Path

from company_details.generator.pack import build, stale_files
from company_details.generator.prose import readme
from company_details.generator.tickets import numbered

README = Path(__file__).parent / "README.md"
DEFAULT_ROOT = Path(__file__).parent.parent / "company_sim"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print("usage: python -m company_details.generator [DIRECTORY]", file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else DEFAULT_ROOT
    begun = time.monotonic()
    written = build(root)
    if not arguments:
        README.write_text(readme(numbered()), encoding="utf-8")
    size_mb = sum(size for _, size in written) / 1e6
    for path in stale_files(root, [name for name, _ in written]):
        print(f"not made by this generator, remove it if it is a leftover: {path}", file=sys.stderr)
    print(f"{len(written)} files, {size_mb:.1f} MB, in {root} ({time.monotonic() - begun:.1f} s)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
