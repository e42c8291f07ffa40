"""An HTML page as a tree of elements, whichever renderer made it."""

from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder

from declared import read_yaml

# Kind of file → what its elements are, by their names.
ELEMENTS = {
    kind: {what: frozenset(names.split()) for what, names in elements.items()}
    for kind, elements in read_yaml(Path(__file__).with_name("elements.yml")).content.items()
}


def read_html(file: Path) -> Element:
    """Return the tree of a page; elements that are left open end with those around them."""
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    for tag in ("page", *reader.around)[::-1]:
        reader.tree.end(tag)
    return reader.tree.close()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tree, self.around = TreeBuilder(), list[str]()
        self.tree.start("page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in ELEMENTS["html"]["void"]:
            self.tree.end(tag)
        else:
            self.around.append(tag)

    def handle_data(self, data: str) -> None:
        self.tree.data(data)

    def handle_endtag(self, tag: str) -> None:
        is_open = tag in self.around
        while is_open:
            self.tree.end(self.around[-1])
            is_open = self.around.pop() != tag
