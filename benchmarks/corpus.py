"""What the gate says of sites that nobody here wrote: python benchmarks/corpus.py [FOLDER]

Fetches source archives that hold MkDocs docs from the package index, and prints the findings, true and false by rule.
Each finding of the versions below was read and judged on 22 November 2026: 422 are true, of which 13 name a file that
the archive leaves out, and two are false, as FALSE tells. A finding beyond those is shown, to be judged.
Nothing of it is committed.
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
# How many findings of each rule were judged.
JUDGED = {
    "griffe": "CODE003:9 CODE005:1 FILE009:1 FILE013:1 HTML004:4 PROSE001:1 PROSE002:1 SEC001:4 SEC007:1 SEC011:2 TABLE001:4",
    "hatch": "CODE003:91 CODE008:1 CODE013:2 HTML001:1 IMG006:2 LINK005:1 LINK017:1 LIST001:2 PROSE001:1 SEC011:2 TABLE007:1",
    "mkdocstrings": "CODE003:6 HEAD004:1 HTML004:1 SEC001:3 SEC007:1 SEC011:1",
    "pymdown_extensions": "BLOCK003:1 CODE003:93 CODE005:7 CODE013:5 HEAD002:3 IMG001:12 IMG003:12 LINK010:1 LIST001:1 "
    "PROSE002:1 SEC001:2 SEC011:3 SNIP001:1 TABLE001:1 TABLE007:1",
    "starlette": "HEAD004:18 HTML004:1 IMG006:3 LINK017:7 LINK018:2 LINK020:2 SEC007:1 SEC011:2",
    "typer": "CODE003:12 HEAD002:1 HEAD004:13 HTML001:1 IMG004:2 LINK005:1 LINK011:1 LINK018:60 PROSE001:1 PROSE002:1 "
    "SEC007:1 SEC011:3",
}
FALSE = {
    (
        "pymdown_extensions",
        "BLOCK003",
    ): "a page on details shows a block with two classes, which looks like a bare title",
    ("hatch", "LINK005"): "a link to another version of the docs, at the top of the host: no relative path leads there",
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    fetch = [
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
    ]
    for package in PACKAGES:
        subprocess.run([*fetch, package], check=True)
    for archive in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
    true, false = Counter(), Counter()
    for config in sorted(folder.glob("*/mkdocs.yml")):
        package = config.parent.name.rpartition("-")[0]
        judged = dict(entry.split(":") for entry in JUDGED[package].split())
        site = Site.load(config)
        findings = run.check(site)
        print(f"\n== {config.parent.name}: {len(site.pages)} pages, {len(findings)} findings")
        for rule, count in sorted(Counter(finding.rule for finding in findings).items()):
            (false if (package, rule) in FALSE else true)[rule] += count
            print(f"{count:5} {rule} {FALSE.get((package, rule), '')}")
            if count != int(judged.get(rule, 0)):
                print("      not all judged:", *(f for f in findings if f.rule == rule), sep="\n        ")
    print(f"\n{true.total()} true, {false.total()} false")
    for rule in sorted(true | false):
        print(f"  {rule}: {true[rule]} true, {false[rule]} false")


if __name__ == "__main__":
    main()
