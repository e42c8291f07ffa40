"""What a journal asks for, from the rendered paper: a folder, and a list of what is missing."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from defusedxml import ElementTree

from paper.deposit.archive import write_zip
from paper.deposit.figure_files import write_figures
from paper.deposit.journal_checks import check_paper, told, words
from paper.deposit.journals import Findings, read_journal
from paper.deposit.word_file import write_word
from paper.errors import PaperError
from paper.manuscript.statements import open_statements
from paper.storage.files import SCRATCH, read_fields, read_text, replace_folder
from paper.storage.project import STUDY, Project
from paper.storage.render_cache import files_below
from paper.storage.sources.article import CONFIGURATION, front_matter, read_article

MARKER = ".submission-of-paper"
OPEN = "OPEN.md"
ARTICLE, FIGURES, NOTEBOOKS = "article.xml", "figures", "notebooks"
XLINK = "http://www.w3.org/1999/xlink"
HREF = f"{{{XLINK}}}href"
TRANSFER = ("transfer-metadata", "application/xml")
KINDS: Mapping[str, tuple[str, str]] = {
    ".xml": ("article-metadata", "application/xml"),
    ".pdf": ("manuscript", "application/pdf"),
    ".png": ("figure", "image/png"),
}
BANNER = re.compile(r'<div class="banner[^>]*>\s*<p><strong>(?P<says>[^<]*)<')
# Begins what a draft of the study asks its author.
QUESTION = "# ? "
ORCID = "contributor without ORCID"


def write_submission(
    project: Project, rendered: Path, target: Path, name: str = ""
) -> tuple[list[str], Findings]:
    """Write the folder that goes to a journal.

    `project`: the paper; its notebooks are current. `rendered`: folder of the paper as the embedded
    renderer made it. `target`: the folder; one that this command made is replaced, when the new one
    is complete. `name`: of the journal, or of a file with what it asks; none for no one in
    particular. Returns what authors have yet to write or add, a line each, and what of that which
    the journal asks is met and missed. Raises PaperError if there is another folder of that name,
    or the journal is not known.
    """
    journal = read_journal(name) if name else None
    if target.exists() and not (target / MARKER).is_file():
        raise PaperError(str(target), "exists and is not a submission", "Name a new folder.")
    still_open = list(_open(project, rendered))
    article = ElementTree.parse(rendered / "paper.xml").getroot()
    fields = front_matter(read_article(project.root, project.article), project.article).content
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as scratch:
        folder = Path(scratch) / "submission"
        (folder / FIGURES).mkdir(parents=True)
        (folder / MARKER).touch()
        found = check_paper(project, journal, article, fields) if journal else Findings()
        in_citation = article.findtext(".//journal-title", "")
        names = _who_wrote_it(project, article)
        write_word(rendered / "paper.docx", folder, journal, names, found)
        shutil.copy(rendered / "paper.pdf", folder / "manuscript.pdf")
        _copy_article(rendered, folder)
        _copy_latex(rendered, folder / "latex")
        if (supplements := rendered / "supplements").is_dir():
            shutil.copytree(supplements, folder / "supplements")
        (folder / "statements.md").write_text(_statements(project), encoding="utf-8")
        lines = "".join(f"- {line}\n" for line in still_open) or "Nothing.\n"
        if journal and journal.figure_files:
            write_figures(folder / FIGURES, journal.figure_files, found)
        lines += told(journal, name, found) if journal else ""
        (folder / OPEN).write_text(f"# What is open\n\n{lines}", encoding="utf-8")
        _write_meca(folder, article, journal.title if journal else in_citation)
        replace_folder(folder, target)
    return still_open, found


def _open(project: Project, rendered: Path) -> Iterator[str]:
    text = read_article(project.root, project.article)
    for problem in open_statements(project.article, text):
        yield f"{problem.where}: {problem.what}"
    study = project.root / STUDY
    asked = read_text(study, STUDY).splitlines() if study.is_file() else []
    for number, line in enumerate(asked, start=1):
        if line.lstrip().startswith(QUESTION):
            yield f"{STUDY}, line {number}: not answered: {line.lstrip().removeprefix(QUESTION)}"
    article = ElementTree.parse(rendered / "paper.xml")
    for banner in BANNER.finditer((rendered / "index.html").read_text(encoding="utf-8")):
        yield f"{project.article}: a banner stands above the text: {banner['says']}"
    contributors = article.findall(".//contrib")
    without = [one for one in contributors if one.find("contrib-id") is None]
    if without or not contributors:
        names = ", ".join("".join(one.itertext()).strip() for one in without) or "no contributor"
        yield f"{project.article}: {ORCID}: {names}"
    for where, what in (
        (".//permissions/license", "license"),
        (".//permissions/copyright-statement", "copyright"),
        (".//journal-title", "citation: {container-title}, the journal"),
        (".//corresp", "author: {corresponding: true, email}"),
        (".//contrib/name", "author: {name: {given, family}}"),
    ):
        if article.find(where) is None:
            yield f"{project.article}: the front matter has no {what}"


def _statements(project: Project) -> str:
    text = read_article(project.root, project.article)
    said = front_matter(text, project.article).content.get("statements") or {}
    return "\n\n".join(f"## {name.capitalize()}\n\n{text}" for name, text in said.items()) + "\n"


def _who_wrote_it(project: Project, article: ET.Element) -> Iterator[str]:
    """Yield names, affiliations and addresses by which a referee would know the authors."""
    for person in article.iterfind("front//contrib"):
        parts = [person.findtext(f"name/{part}", "") for part in ("given-names", "surname")]
        yield from (" ".join(parts).strip(), parts[1], person.findtext("string-name", ""))
    for tag in ("institution", "email", "contrib-id"):
        yield from (words(one) for one in article.iterfind(f"front//{tag}"))
    for name in ("CITATION.cff", CONFIGURATION):
        file = project.root / name
        said = read_fields(file, name).content or {} if file.is_file() else {}
        within = said.get("website")
        for fields in (said, within if isinstance(within, dict) else {}):
            yield from (
                str(fields.get(key) or "") for key in ("repository-code", "url", "repo-url")
            )


def _copy_article(rendered: Path, folder: Path) -> None:
    """Copy the JATS article; its images, in every form to print from, bear their numbers."""
    written = (rendered / "paper.xml").read_text(encoding="utf-8")
    article = ElementTree.fromstring(written.encode())
    names: dict[str, str] = {}
    # What a notebook shows, the article may have shown before.
    for part in article:
        within = NOTEBOOKS if part.tag == "sub-article" else FIGURES
        for figure in part.iter("fig"):
            images = [graphic.get(HREF, "") for graphic in figure.iter("graphic")]
            label = re.sub(r"\W+", "-", figure.findtext("label") or figure.get("id", "figure"))
            for number, image in enumerate(images):
                letter = chr(ord("a") + number) if len(images) > 1 else ""
                names.setdefault(image, f"{within}/{label}{letter}")
        for graphic in (*part.iter("graphic"), *part.iter("inline-graphic")):
            names.setdefault(graphic.get(HREF, ""), f"{within}/{Path(graphic.get(HREF, '')).stem}")
    for image, name in names.items():
        for form in (rendered / image).parent.glob(f"{Path(image).stem}.*"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(form, folder / f"{name}{form.suffix}")
        written = written.replace(f'href="{image}"', f'href="{name}{Path(image).suffix}"')
    (folder / ARTICLE).write_text(written, encoding="utf-8")


def _copy_latex(rendered: Path, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(rendered / "paper-latex.tex", folder / "manuscript.tex")
    for file in rendered.glob("*_files/*.pdf"):
        copied = folder / file.parent.name / file.name
        copied.parent.mkdir(exist_ok=True)
        shutil.copy(file, copied)


def _write_meca(folder: Path, article: ET.Element, journal: str) -> None:
    """Bundle article, manuscript and images for another system, by NISO RP-30.

    `journal`: to which it goes; without one there is nothing to transfer it to, and no such file.
    """
    files = dict(files_below(folder))
    folders = (f"{FIGURES}/", f"{NOTEBOOKS}/")
    images = [name for name in files if name.startswith(folders) and name.endswith(".png")]
    names = (ARTICLE, "manuscript.pdf", *images)
    contents = {name: files[name].read_bytes() for name in names}
    if journal:
        contents["transfer.xml"] = _meca("transfer", _transfer(article, journal))
    manifest = ET.Element("manifest", {"manifest-version": "1.0", "xmlns:xlink": XLINK})
    for name in contents:
        kind, media = TRANSFER if name == "transfer.xml" else KINDS[Path(name).suffix]
        item = ET.SubElement(manifest, "item", {"item-type": kind})
        ET.SubElement(item, "instance", {"media-type": media, "xlink:href": name})
    contents["manifest.xml"] = _meca("manifest", manifest)
    write_zip(folder / "article.meca.zip", contents)


def _transfer(article: ET.Element, journal: str) -> ET.Element:
    """Say from whom a manuscript comes, and to which journal it goes."""
    transfer = ET.Element("transfer", {"transfer-version": "1.0"})
    source = ET.SubElement(ET.SubElement(transfer, "transfer-source"), "publication")
    title = words(article.find("front//article-title"))
    ET.SubElement(source, "publication-title").text = title
    person = article.find("front//contrib[@corresp='yes']")
    if address := article.findtext("front//corresp/email"):
        contact = ET.SubElement(source, "contact", {"contact-role": "corresponding author"})
        named = ET.SubElement(contact, "contact-name")
        for part in ("surname", "given-names"):
            if person is not None and (text := person.findtext(f"name/{part}")):
                ET.SubElement(named, part).text = text
        ET.SubElement(contact, "email").text = address
    destination = ET.SubElement(transfer, "destination")
    ET.SubElement(destination, "service-provider")
    ET.SubElement(
        ET.SubElement(destination, "publication", {"type": "journal"}), "publication-title"
    ).text = journal
    return transfer


def _meca(kind: str, root: ET.Element) -> bytes:
    """Return a file of a bundle with its document type."""
    root.set("xmlns", f"https://manuscriptexchange.org/schema/{kind}")
    doctype = f'"-//MECA//DTD {kind.capitalize()} v1.0//en" "{kind}-1.0.dtd"'
    xml = ET.tostring(root, "unicode")
    return f'<?xml version="1.0"?>\n<!DOCTYPE {kind} PUBLIC {doctype}>\n{xml}\n'.encode()
