"""Our own lints find what they are for, and leave alone what only looks like it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

TOP: Final = Path(__file__).resolve().parents[2]

ENTRIES: Final = """
def note(contact, kind, **body) -> Entry:
    return Entry(kind=kind, body=body)
"""

LEAKS: Final = {
    "a log field named for what the caller wrote": '_log.info("came in", words=words)',
    "a value that holds the caller's number": '_log.info("came in", caller=contact.caller_number)',
    "a revealed value": '_log.info("came in", caller=number_hidden.reveal())',
    "an f-string as a log event": '_log.warning(f"cannot reach {someone}")',
    "a person's name": '_log.info("signed in", who=counselor.name)',
    "a secret bound for every later line": "log.bind(token=fresh)",
    "words inside a longer value": '_log.info("came in", first=message.words[0])',
    "words in an entry's body": 'Entry(kind="message.said", body={"words": said})',
    "a number as a value in an entry's body": 'Entry(kind="contact.arrived", body={"from": caller.number})',
    "words handed to a function that makes an entry": 'contact.note(row, "message.said", text=said)',
    "a body made before": 'def f(x) -> Entry:\n    b = {"note": x}\n    return Entry(kind="k", body=b)',
}

HARMLESS: Final = {
    "ids and codes": '_log.info("came in", contact=str(contact.id), reason=reason)',
    "how long the words are": '_log.info("came in", characters=len(words))',
    "whether there is a number": 'Entry(kind="contact.arrived", body={"withheld": number is None})',
    "what is known about the number": 'Entry(kind="contact.arrived", body={"number_quality": quality})',
    "the name of a loop": '_log.exception("loop stumbled", loop=name)',
    "the number of an attempt": '_log.info("again", attempt_number=attempt_number)',
    "words that go where words belong": "Message(words=words)",
    "a line that argues": '_log.info("x", token=kind)  # lint: allow because a token of the grammar',
}


def lint(folder: Path, source: str, name: str = "planted.py") -> str:
    """What scripts/lint says about one module with this source."""
    (folder / name).write_text(source, "utf-8")
    done = subprocess.run(
        [sys.executable, TOP / "scripts" / "lint", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def numbered(lines: dict[str, str]) -> tuple[str, dict[str, int]]:
    """One module that holds all the lines, and on which line each ends."""
    source = ENTRIES
    ends: dict[str, int] = {}
    for what, line in lines.items():
        source += line + "\n"
        ends[what] = source.count("\n")
    return source, ends


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    source, _ = numbered(LEAKS)
    return lint(tmp_path_factory.mktemp("leaks"), source)


@pytest.mark.parametrize("what", LEAKS)
def test_words_on_their_way_out_are_found(said: str, what: str):
    _, ends = numbered(LEAKS)
    first = ends[what] - LEAKS[what].count("\n")
    assert any(f"planted.py:{line}: words-in-" in said for line in range(first, ends[what] + 1))


def test_what_only_looks_like_words_is_left_alone(tmp_path: Path):
    source, _ = numbered(HARMLESS)
    assert "0 findings" in lint(tmp_path, source)


def test_a_function_of_41_lines_is_found_and_one_of_40_is_not(tmp_path: Path):
    body = "\n".join("    x = 1" for _ in range(40))
    said = lint(tmp_path, f'def long():\n{body}\n\ndef fits():\n    """A\n    docstring."""\n{body[10:]}\n')
    assert "planted.py:1: function-cap: long has 41 lines" in said
    assert "1 findings" in said


def test_a_seventh_parameter_is_found_and_self_is_not_one(tmp_path: Path):
    said = lint(
        tmp_path,
        "class A:\n def six(self, a, b, c, d, e, f): ...\n def seven(self, a, b, c, *, d, e, f, **g): ...\n",
    )
    assert "planted.py:3: parameter-cap: seven takes 7" in said
    assert "1 findings" in said


def test_a_module_of_401_lines_is_found(tmp_path: Path):
    assert "module-cap: 401 lines" in lint(tmp_path, "x = 1\n" * 401)


def test_a_package_that_exports_again_what_its_rooms_hold_is_found(tmp_path: Path):
    floor = tmp_path / "hotline"
    floor.mkdir()
    said = lint(floor, '"""Why."""\n\nfrom hotline.base import clock\n', "__init__.py")
    assert "__init__.py:3: bare-init" in said
