"""What the gate says of sites that nobody here wrote: python benchmarks/corpus.py [FOLDER]

Fetches source archives that hold MkDocs docs from the package index, and prints the findings by rule.
Each finding of the versions below was read and judged on 22 November 2026: all 554 are true, of which 30 name what
the archive leaves out. A finding beyond those is shown, to be judged.
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
PACKAGES = (
    "hatch==1.18.2", "pymdown-extensions==10.14", "griffe==1.5.0", "mkdocstrings==0.27.0", "starlette==1.10.0",
    "typer==0.9.0", "copier==9.19.1", "dirty-equals==0.11", "inline-snapshot==0.36.1", "mkdocs-print-site-plugin==2.9",
    "mkdocs-table-reader-plugin==4.0.2", "pydantic-settings==2.16.3", "pytkdocs==0.16.5",
)  # fmt: skip
# How many findings of each rule were judged.
JUDGED = {
    "griffe": "CODE003:9 CODE005:1 FILE009:1 FILE013:1 HTML004:5 LINK017:2 PROSE001:1 PROSE002:1 SEC001:4 "
    "SEC007:1 SEC011:2 TABLE001:4",
    "hatch": "CODE003:91 CODE008:1 CODE013:2 CONF013:1 HTML001:1 IMG006:2 LINK017:1 LIST001:2 PROSE001:1 SEC011:2 TABLE007:1",
    "mkdocstrings": "CODE003:8 HEAD004:1 HTML004:2 LINK017:2 PROSE001:3 SEC001:3 SEC007:1 SEC011:1",
    "pymdown_extensions": "CODE003:98 CODE005:7 CODE013:5 CONF012:1 HEAD002:3 IMG001:12 IMG003:12 LINK010:1 LIST001:1 "
    "PROSE002:1 SEC001:2 SEC011:3 SNIP001:1 TABLE001:1 TABLE007:1",
    "starlette": "HEAD004:18 HTML004:1 IMG006:3 LINK017:7 LINK018:2 LINK020:2 SEC007:1 SEC011:2",
    "typer": "CODE003:12 HEAD002:1 HEAD004:13 HTML001:1 IMG004:2 LINK005:1 LINK011:1 LINK018:60 PROSE001:1 "
    "PROSE002:1 SEC007:1 SEC011:3",
    "copier": "CODE013:1 FILE009:3 HTML003:1 HTML004:1 LINK003:2 LINK017:3 LINK018:1 SEC011:1",
    "dirty_equals": "HEAD004:1 SEC011:2",
    "inline_snapshot": "HEAD004:17 HTML004:1 SEC001:1 SEC006:12 SEC011:1",
    "mkdocs_print_site_plugin": "CODE013:1 CONF004:1 HTML001:1 IMG004:2 LINK005:2 PROSE001:3 SEC011:5",
    "mkdocs_table_reader_plugin": "BLOCK001:1 CODE003:8 CONF005:1 FILE010:1 HEAD004:1 SEC011:1",
    "pydantic_settings": "CODE003:4 CONF007:1 HEAD004:1 LINK001:10 LINK010:5 LIST001:1 LIST002:1 LIST003:5 SEC007:1 "
    "SEC011:1",
    "pytkdocs": "CODE003:3 CODE005:1 HTML004:1 LINK017:2 SEC011:1",
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
    total: Counter[str] = Counter()
    for config in sorted(folder.glob("*/mkdocs.yml")):
        package = config.parent.name.rpartition("-")[0]
        judged = dict(entry.split(":") for entry in JUDGED[package].split())
        site = Site.load(config)
        findings = run.check(site)
        print(f"\n== {config.parent.name}: {len(site.pages)} pages, {len(findings)} findings")
        for rule, count in sorted(Counter(finding.rule for finding in findings).items()):
            total[rule] += count
            print(f"{count:5} {rule}")
            if count != int(judged.get(rule, 0)):
                print("      not all judged:", *(f for f in findings if f.rule == rule), sep="\n        ")
    print(f"\n{total.total()} findings")
    for rule, count in sorted(total.items()):
        print(f"  {rule}: {count}")


if __name__ == "__main__":
    main()
