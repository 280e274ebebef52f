"""Names in Python for names in the document."""

from __future__ import annotations

import keyword
import re
import textwrap

# What a reader would take for the built-in function.
_TAKEN = frozenset({"self", "timeout", "idempotency_key", "last_event_id", "path"})
WIDTH = 100


def snake(name: str) -> str:
    """Return `pageSize`, `X-Confirm` or `Sign-in` as a name of an argument."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    made = re.sub(r"\W+", "_", words).strip("_").lower()
    return f"{made}_" if keyword.iskeyword(made) else made


def argument(name: str) -> str:
    """Return the same, apart from what every method takes."""
    made = snake(name)
    return f"{made}_" if made in _TAKEN else made


def class_name(name: str) -> str:
    """Return `CoverTask.Status` or `covergen.auth.v1.Account` as a name of a class."""
    parts = [part for part in name.split(".") if part]
    if len(parts) > 1 and parts[0] == "covergen":
        # A full name stands where a short one would be two things.
        parts = [parts[1], *parts[3:]]
    return "".join(part[:1].upper() + part[1:] for part in parts)


def member_name(value: str) -> str:
    """Return the name of a value of an enumeration."""
    made = re.sub(r"\W+", "_", value).upper()
    return f"{made}_" if keyword.iskeyword(made) or made in {"MRO", ""} else made


def sentence(text: str) -> str:
    """Return a description that ends as a sentence does."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".:!?" else f"{text}."


def escape(text: str) -> str:
    """Return the text as it stands in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def wrap(text: str, indent: int, hanging: int = 0) -> list[str]:
    """Return lines no longer than allowed."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def docstring(paragraphs: list[str], indent: int, sections: list[str] | None = None) -> list[str]:
    """Return the lines of a docstring; the first paragraph's first sentence is its head."""
    texts = [escape(sentence(one)) for one in paragraphs if one.strip()]
    if texts:
        head, _, rest = texts[0].partition(". ")
        head = head if head.endswith((".", ":", "!", "?")) else f"{head}."
        texts = [head, *([rest] if rest else []), *texts[1:]]
    pad = " " * indent
    first = texts[0] if texts else ""
    if not sections and len(texts) == 1 and indent + len(first) + 6 <= WIDTH:
        return [f'{pad}"""{first}"""']
    lines = wrap(f'"""{first}', indent)
    for text in texts[1:]:
        lines += ["", *wrap(text, indent)]
    if sections:
        lines += ["", *sections]
    return [*lines, f'{pad}"""']
