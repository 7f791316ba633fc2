"""What a release is made of: the theme's files that no page uses go, and what is left is listed with its hashes.

`sbom.cdx.json` is a CycloneDX list of every file, of what others wrote in them, and of the packages that built them;
`SHA256SUMS` is read by `sha256sum --check`.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from handbook.editions.contents import Book, EditionError
from handbook.markdown.page import DOCS

LOCK = Path("requirements.lock")
SUMS = "SHA256SUMS"
SBOM = "sbom.cdx.json"
# Files that others wrote: name, version (or it is read from the file or its name), licence, registry.
FOREIGN = {
    r"assets/kept/minisearch-(?P<version>[\d.]+)\.js": ("minisearch", "", "MIT", "npm"),
    r"assets/fonts/stix-two-math\.woff2": ("stix-two-math", "2.12", "OFL-1.1", "generic"),
    r"assets/vendor/diagram-renderer\.js": ("mermaid", "", "MIT", "npm"),
}
KEPT = re.compile(r"assets/(?:kept|fonts|vendor)/.*\.(?:js|woff2)$")
THEME = re.compile(r"assets/(?:javascripts|stylesheets|images)/")


def prune(site: Path) -> list[Path]:
    """Remove the scripts, styles and pictures of the theme, which our page frame doesn't use; returns them."""
    removed = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and THEME.match(name) and not (DOCS / name).is_file():
            path.unlink()
            removed.append(path)
    for folder in sorted((path for path in site.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return removed


def write(book: Book, site: Path) -> list[Path]:
    """List the files of the site, and return the two lists. Raises EditionError where a file's origin isn't known."""
    files = {}
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and name not in (SUMS, SBOM):
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    bom = Bom()
    bom.metadata.timestamp = book.moment
    bom.metadata.component = Component(
        name=book.file_name,
        bom_ref=book.file_name,
        version=version("handbook"),
        type=ComponentType.DATA,
        licenses=[LicenseExpression("CC-BY-4.0")],
    )
    for name, digest in files.items():
        bom.components.add(
            Component(
                name=name, bom_ref=name, type=_type(name), hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)]
            )
        )
    for component in (*_foreign(files, site), *_tools()):
        bom.components.add(component)
    told = json.dumps([files, sorted(str(each.purl) for each in bom.components if each.purl)])
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, told)  # the same for the same release
    bom.register_dependency(bom.metadata.component, bom.components)
    (site / SBOM).write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", encoding="utf-8")
    files[SBOM] = hashlib.sha256((site / SBOM).read_bytes()).hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(files.items())]
    (site / SUMS).write_text("".join(lines), encoding="utf-8")
    return [site / SBOM, site / SUMS]


def _type(name: str) -> ComponentType:
    return (
        ComponentType.MACHINE_LEARNING_MODEL if re.match(r"assets/labs/weights/.*\.bin$", name) else ComponentType.FILE
    )


def _foreign(files: dict[str, str], site: Path) -> Iterator[Component]:
    """What others wrote, each with the file that it came in."""
    for name in files:
        found = [(match, FOREIGN[pattern]) for pattern in FOREIGN if (match := re.fullmatch(pattern, name))]
        if found:
            match, (what, number, licence, registry) = found[0]
            number = number or match.groupdict().get("version") or _version_inside(site / name)
            purl = PackageURL(registry, name=what, version=number)
            yield Component(
                name=what,
                version=number,
                bom_ref=str(purl),
                type=ComponentType.LIBRARY,
                licenses=[LicenseExpression(licence)],
                purl=purl,
                properties=[Property(name="file", value=name)],
            )
        elif KEPT.match(name):
            raise EditionError(
                f"{name}: who wrote this, and under which licence? Add it to handbook/editions/manifest.py"
            )


def _version_inside(path: Path) -> str:
    """The version that a bundle of Mermaid tells of itself."""
    match = re.search(r'version:"(\d+\.\d+\.\d+)"', path.read_text(encoding="utf-8"))
    if not match:
        raise EditionError(f"{path}: tells no version")
    return match.group(1)


def _tools() -> Iterator[Component]:
    """The packages that build and prove the site; none of them is shipped."""
    for name, number in re.findall(r"(?m)^([\w.-]+)==([\w.]+)", LOCK.read_text(encoding="utf-8")):
        purl = PackageURL("pypi", name=name, version=number)
        yield Component(
            name=name,
            version=number,
            bom_ref=str(purl),
            type=ComponentType.LIBRARY,
            purl=purl,
            scope=ComponentScope.EXCLUDED,
        )
