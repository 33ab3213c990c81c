"""Taking what looks like a secret out of texts that are kept: history, transcripts, logs."""

from __future__ import annotations

import re

__all__ = ["redact"]

_SECRET = re.compile(
    r"(?i)((?:--?)?(?:pass(?:word|wd|phrase)?|token|secret|api[_-]?key|authorization)"
    r"(?:\s*[=:]\s*|\s+))(\"[^\"]*\"|'[^']*'|[^\s;,)]+)"
)
_URL_SECRET = re.compile(r"(\w+://[^\s/:@]+:)([^\s/@]+)(@)")


def redact(text: str) -> str:
    """*text* with what looks like a secret replaced by ***."""
    text = _SECRET.sub(r"\1***", text)
    return _URL_SECRET.sub(r"\1***\3", text)
