"""The grammar of TwiML, read out of the builder classes of Twilio's npm package.

The type declarations say which element may stand in which, with which attributes, and which words an
attribute may hold; the JavaScript beside them says how each element is spelled in XML. Twilio's
builders in Python accept any keyword, so this is the check they do not make.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from xml.etree import ElementTree

from tests.oracles.packages import package_file

ROOT = "VoiceResponse"
_BUILDERS = frozenset({"comment", "commentAfter", "commentBefore", "constructor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What an attribute may hold: `kind` is string, number, boolean or words; a list is spaced."""

    kind: str
    words: frozenset[str] = frozenset()
    is_list: bool = False


@dataclass(slots=True, kw_only=True)
class Element:
    """An element as it may stand inside one certain parent."""

    class_name: str
    attributes: dict[str, Attribute] = field(default_factory=dict[str, Attribute])


Grammar = dict[str, dict[str, Element]]
"""Class of the parent -> spelling of the child -> the child."""


@cache
def grammar() -> Grammar:
    """Parent class name -> tag of a child -> that child."""
    declared = _without_comments(
        package_file("twilio", "lib", "twiml", "VoiceResponse.d.ts").read_text("utf-8")
    )
    spelled = package_file("twilio", "lib", "twiml", "VoiceResponse.js").read_text("utf-8")
    words = _words(declared)
    attributes = _attributes(declared, words)
    tags = _tags(spelled)
    found: Grammar = {}
    for parent, body in _classes(declared):
        children = found.setdefault(parent, {})
        for method, arguments, child in re.findall(
            r"^\s+(\w+)\((.*?)\): VoiceResponse\.(\w+);", body, re.MULTILINE
        ):
            tag = tags.get((parent, method))
            if tag is None or method in _BUILDERS:
                continue
            element = children.setdefault(tag, Element(class_name=child))
            named = re.search(r"attributes\??: VoiceResponse\.(\w+)Attributes", arguments)
            if named:
                element.attributes.update(attributes[named.group(1)])
    return found


def check_twiml(xml: str) -> list[str]:
    """Sentences about what Twilio's own builders could not have written; empty when all is well."""
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  the documents are our own
    except ElementTree.ParseError as wrong:
        return [f"not XML: {wrong}"]
    if root.tag != "Response":
        return [f"the outermost element is <{root.tag}>, not <Response>"]
    return [f"<Response> has no attribute {name}" for name in root.attrib] + list(_objections(root, ROOT))


def _objections(parent: ElementTree.Element, class_name: str) -> list[str]:
    allowed = grammar().get(class_name, {})
    found: list[str] = []
    for child in parent:
        element = allowed.get(child.tag)
        if element is None:
            found.append(f"<{child.tag}> may not stand in <{parent.tag}>")
            continue
        for name, value in child.attrib.items():
            found += _about_attribute(child.tag, element, name, value)
        found += _objections(child, element.class_name)
    return found


def _about_attribute(tag: str, element: Element, name: str, value: str) -> list[str]:
    attribute = element.attributes.get(name)
    if attribute is None:
        return [f"<{tag}> has no attribute {name}"]
    parts = value.split() if attribute.is_list else [value]
    return [
        f"<{tag} {name}={value!r}> is not {attribute.kind}" for part in parts if not _fits(attribute, part)
    ]


def _fits(attribute: Attribute, value: str) -> bool:
    if attribute.kind == "boolean":
        return value in {"true", "false"}
    if attribute.kind == "number":
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return attribute.kind != "words" or value in attribute.words


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _words(declared: str) -> dict[str, frozenset[str]]:
    lines = re.findall(r"type (\w+) = ([^;]+);", declared)
    return {name: frozenset(re.findall(r'"([^"]*)"', union)) for name, union in lines}


def _attributes(declared: str, words: dict[str, frozenset[str]]) -> dict[str, dict[str, Attribute]]:
    found: dict[str, dict[str, Attribute]] = {}
    for name, body in re.findall(r"interface (\w+)Attributes \{(.*?)\}", declared, re.DOTALL):
        fields = re.findall(r'"?([\w:-]+)"?\??: ([^;]+);', body)
        found[name] = {key: _attribute(kind.strip(), words) for key, kind in fields}
    return found


def _attribute(kind: str, words: dict[str, frozenset[str]]) -> Attribute:
    is_list = kind.endswith("[]")
    bare = kind.removesuffix("[]").rsplit(".", maxsplit=1)[-1]
    if bare in words:
        return Attribute(kind="words", words=words[bare], is_list=is_list)
    return Attribute(kind=bare, is_list=is_list)


def _classes(declared: str) -> list[tuple[str, str]]:
    outer = re.search(r"declare class VoiceResponse extends TwiML \{(.*?)\n\}", declared, re.DOTALL)
    inner = re.findall(r"\n    export class (\w+) extends TwiML \{(.*?)\n    \}", declared, re.DOTALL)
    return ([(ROOT, outer.group(1))] if outer else []) + inner


def _tags(spelled: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    parent = ROOT
    method = ""
    for line in spelled.splitlines():
        if opened := re.match(r"\s*class (\w+) extends", line):
            parent = opened.group(1)
        elif named := re.match(r"\s+(\w+)\([^)]*\) \{", line):
            method = named.group(1)
        if written := re.search(r'\.ele\("([\w:-]+)"', line):
            found[parent, method] = written.group(1)
    return found
