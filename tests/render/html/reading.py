"""An HTML page, read as a browser reads it: elements with their attributes, texts, and tags that do not match."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass
class Element:
    """One element; `text` is everything inside it."""

    tag: str
    attributes: dict[str, str]
    around: tuple[str, ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What a page consists of."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.unmatched.append(f"{tag} has an attribute twice")
        found = Element(tag, {name: value or "" for name, value in attrs}, tuple(each.tag for each in self.open))
        self.elements.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.unmatched.append(f"</{tag}> in {[each.tag for each in self.open[-3:]]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        for each in self.open:
            each.text += data

    def all(self, tag: str) -> list[Element]:
        """Every element of a tag."""
        return [each for each in self.elements if each.tag == tag]

    def meta(self, name: str) -> str:
        """The content of a meta element."""
        named = [
            each
            for each in self.all("meta")
            if name in (each.attributes.get("name"), each.attributes.get("http-equiv"))
        ]
        assert len(named) == 1
        return named[0].attributes["content"]

    @property
    def text(self) -> str:
        """Everything that is to be read, one space for each stretch of white space."""
        return " ".join("".join(self.texts).split())

    def sections(self) -> list[str]:
        return [each.attributes["id"] for each in self.all("section")]


def read(text: str) -> Page:
    """The page; everything that was opened must have been closed."""
    page = Page()
    page.feed(text)
    page.close()
    assert page.unmatched == []
    assert [each.tag for each in page.open] == []
    return page
