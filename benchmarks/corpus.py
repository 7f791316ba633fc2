"""What the gate says of sites that nobody here wrote: python benchmarks/corpus.py [FOLDER]

Fetches source archives that hold MkDocs docs from the package index, and prints the findings by rule, with examples to
be judged by eye. Nothing of it is committed.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

from handbook.checks import run
from handbook.checks.site import Site

# Newer archives of MkDocs itself, and of pymdown-extensions, leave their mkdocs.yml out.
PACKAGES = ("hatch==1.18.2", "pymdown-extensions==10.14", "griffe==1.5.0", "mkdocstrings==0.27.0", "starlette==1.10.0", "typer==0.9.0")  # fmt: skip
EXAMPLES = 3


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    for package in PACKAGES:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-binary",
            ":all:",
            "--no-deps",
            "--dest",
            str(folder),
            package,
        ]
        subprocess.run(command, check=False)
    for archive in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
    for config in sorted(folder.glob("*/mkdocs.yml")):
        site = Site.load(config)
        findings = run.check(site)
        print(f"\n== {config.parent.name}: {len(site.pages)} pages, {len(findings)} findings")
        for rule, count in Counter(finding.rule for finding in findings).most_common():
            print(f"{count:5} {rule}")
            for finding in [finding for finding in findings if finding.rule == rule][:EXAMPLES]:
                print(
                    f"        {finding.path.removeprefix(str(config.parent) + '/')}:{finding.line}:{finding.column} {finding.message[:120]}"
                )


if __name__ == "__main__":
    main()
