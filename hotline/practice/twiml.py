"""Documents: what a webhook answered, read and checked against the grammar.

A document that Twilio would only warn about is a fault here: an attribute that is quietly ignored in
production is a mistake one wants to meet in practice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from hotline.practice import wrong
from hotline.practice.grammar import ATTRIBUTES, CHILDREN, Holds
from hotline.practice.wrong import DocumentFault

DOCUMENT_BYTES_MAX = 64 * 1024
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element: `text` is stripped, `children` are in order."""

    tag: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Node", ...]

    def get(self, name: str, otherwise: str = "") -> str:
        """The attribute as text."""
        return self.attributes.get(name, otherwise)

    def number(self, name: str, otherwise: float) -> float:
        """The attribute as a number; the grammar has made sure that it is one."""
        return float(self.attributes.get(name, otherwise))

    def says_yes(self, name: str, otherwise: str) -> bool:
        """The attribute as yes or no; `otherwise` is spelled like the attribute would be."""
        return self.attributes.get(name, otherwise) == "true"


def read(text: str, url: str) -> tuple[Node, ...]:
    """The verbs of a document, in order.

    Raises: DocumentFault when it is not TwiML that the exchange knows.
    """
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise DocumentFault(wrong.DOCUMENT_TOO_LARGE, url, "TwiML documents hold 64 kB at most")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DocumentFault(wrong.DOCUMENT_UNREADABLE, url, "TwiML documents declare no types or entities")
    try:
        root = ElementTree.fromstring(text.strip())  # noqa: S314  entities are refused above
    except ElementTree.ParseError as error:
        raise DocumentFault(wrong.DOCUMENT_UNREADABLE, url, f"not XML: {error}") from error
    if root.tag != "Response":
        raise _not_twiml(url, f"the outermost element is <{root.tag}>, not <Response>")
    return _node(root, url).children


def _node(element: ElementTree.Element, url: str) -> Node:
    allowed = ATTRIBUTES[element.tag]
    for name, value in element.attrib.items():
        if name not in allowed:
            raise _not_twiml(url, f"<{element.tag}> has no attribute {name}")
        if not _fits(allowed[name], value):
            raise _not_twiml(url, f"<{element.tag} {name}={value!r}> is not {allowed[name].kind}")
    for child in element:
        if child.tag not in CHILDREN.get(element.tag, frozenset()):
            raise _not_twiml(url, f"<{child.tag}> may not stand in <{element.tag}>")
    return Node(
        tag=element.tag,
        attributes=dict(element.attrib),
        text=(element.text or "").strip(),
        children=tuple(_node(child, url) for child in element),
    )


def _fits(holds: Holds, value: str) -> bool:
    parts = value.split() if holds.is_list else [value]
    match holds.kind:
        case "boolean":
            return value in {"true", "false"}
        case "number":
            return _NUMBER.fullmatch(value) is not None
        case "words":
            return all(part in holds.words for part in parts)
        case "text":
            return True


def _not_twiml(url: str, message: str) -> DocumentFault:
    return DocumentFault(wrong.DOCUMENT_NOT_TWIML, url, message)
