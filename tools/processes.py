"""Ends processes we started and tells ours from others'; must not know what they do."""

import os
import subprocess
from pathlib import Path

from .paths import ROOT

PATIENCE = 15  # seconds between asking a process to end and killing it


def is_ours(pid: int, command: str) -> bool:
    """Tell whether a process id still belongs to that command of this checkout (ids are used again)."""
    process = Path("/proc") / str(pid)
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        folder = os.readlink(process / "cwd")
    except OSError:  # it has ended, or belongs to another user
        return False
    return b"tools.dev" in words and command.encode() in words and folder == str(ROOT)


def end(process: subprocess.Popen) -> None:
    """Ask a process to end; kill it when it does not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
