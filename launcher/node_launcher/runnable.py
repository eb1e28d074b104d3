"""A place where a program can be run that cannot be run where it lies."""

import os
import shutil
import tempfile

from node_launcher import facts
from node_launcher.remedy import remedy


def mended(node):
    """A path where `node` can be run although it lost its run bit, as some file systems and installers do to it."""
    try:
        os.chmod(node, 0o755)
    except OSError:
        pass  # another user's file, or a file system without modes: the copy is for that
    try:
        # Still not runnable where the file system is mounted noexec.
        return node if os.access(node, os.X_OK) else runnable_copy(node)
    except OSError as error:
        raise LookupError(
            f"{node} lost its run permission, and no copy that can be run could be made: {error}. {remedy()}"
        ) from error


def runnable_copy(node):
    """A copy of `node` in the private folder, kept for the next start."""
    folder = private_folder()
    original = os.stat(node)
    copy = os.path.join(folder, f"node-{original.st_size}-{int(original.st_mtime)}")
    if not os.access(copy, os.X_OK):
        with tempfile.TemporaryDirectory(dir=folder) as draft:
            part = os.path.join(draft, "node")
            shutil.copyfile(node, part)
            os.chmod(part, 0o755)
            os.replace(part, copy)
    return copy


def private_folder():
    """A folder of this user's own below the temporary folder. Raises OSError where it is not this user's alone."""
    folder = os.path.join(tempfile.gettempdir(), f"{facts.PLUGIN}-plugin-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        # Another user of this machine could have put a program, or a link to a folder, of theirs there.
        raise OSError(f"{folder} is not this user's alone")
    return folder
