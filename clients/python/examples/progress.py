"""A progress bar: one line that is redrawn, or plain lines where that is no use."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

_PARTS = " ▏▎▍▌▋▊▉█"


class Progress:
    """How far the work is."""

    def __init__(self, total: int, out: TextIO = sys.stderr) -> None:
        self._total = total
        self._out = out
        self._is_terminal = out.isatty()
        self._done = 0
        self._failed = 0
        self._start = time.monotonic()
        self._told = -1
        self._draw()

    def done(self) -> None:
        """Count one more."""
        self._done += 1
        self._draw()

    def failed(self) -> None:
        """Count one that failed."""
        self._failed += 1
        self._draw()

    def close(self) -> None:
        """Leave the line."""
        if self._is_terminal:
            self._out.write("\n")

    def line(self, width: int) -> str:
        """Return the bar and its figures, as wide as asked for."""
        ended = self._done + self._failed
        share = ended / self._total if self._total else 1.0
        took = time.monotonic() - self._start
        text = f" {ended}/{self._total} {share:4.0%}"
        if self._failed:
            text += f"  {self._failed} failed"
        if 0 < ended < self._total:
            text += f"  {_clock(took / ended * (self._total - ended))} left"
        elif ended:
            text += f"  {_clock(took)}"
        return _bar(share, max(10, min(40, width - len(text) - 2))) + text

    def _draw(self) -> None:
        if self._is_terminal:
            width = shutil.get_terminal_size().columns
            self._out.write(f"\r\x1b[2K{self.line(width)[: width - 1]}")
        else:
            # A log gets a line for every tenth.
            tenth = (self._done + self._failed) * 10 // max(1, self._total)
            if tenth == self._told:
                return
            self._told = tenth
            self._out.write(f"{self.line(80)}\n")
        self._out.flush()


def _bar(share: float, width: int) -> str:
    full, part = divmod(round(share * width * 8), 8)
    bar = _PARTS[8] * full + (_PARTS[part] if part else "")
    return f"▕{bar:<{width}}▏"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
