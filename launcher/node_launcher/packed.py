"""The Node.js that an offline package carries, compressed: hosts take packages of at most 50 MiB, unpacked.

Each start comes by here, so what only unpacking needs is imported there.
"""

import os
import sys

from node_launcher import facts

ARCHIVE = "node.xz"
CHUNK_BYTES = 1 << 20
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Damaged(Exception):
    """The archive is not as it was when the package was made."""


def packed_node(runtime):
    """The path of the program, which the first start unpacks, next to its archive or else in the private folder.

    Later starts look only whether it is there. Raises LookupError where this system is not the package's, the archive
    is damaged, or neither folder will do.
    """
    check_system()
    archive = os.path.join(runtime, ARCHIVE)
    problems = []
    for find_folder in (lambda: runtime, elsewhere):
        try:
            node = os.path.join(find_folder(), f"node-{facts.NODE['sha256'][:16]}")
            if not is_whole(node):
                unpack(archive, node)
            if os.access(node, os.X_OK):
                return node
            problems.append(f"{node} cannot be run there (is it mounted noexec?)")
        except OSError as error:
            problems.append(str(error))
        except (Damaged, EOFError) as error:
            # A host unpacks a package again only where the folder is gone.
            advice = "Remove the plugin's folder and reinstall it."
            raise LookupError(f"{archive} cannot be unpacked: {error}. {advice}") from error
        except ImportError as error:
            raise no_node(f"this Python cannot unpack the Node.js of this package: {error}") from error
    advice = "Set TMPDIR to a folder where this user can write and programs can run"
    raise no_node(f"there is no place for the Node.js of this package: {'; '.join(problems)}", advice)


def check_system():
    """Raises LookupError where this system is not the package's."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    system = f"{sys.platform}-{MACHINES.get(machine, machine)}"
    if system != facts.NODE["system"]:
        raise no_node(f"this package is for {facts.NODE['system']}, and this is {system}")


def no_node(problem, advice=None):
    from node_launcher.remedy import remedy

    return LookupError(f"{problem}. {remedy(advice)}")


def elsewhere():
    """The private folder, whose module only a start without a place next to the archive loads."""
    from node_launcher.runnable import private_folder

    return private_folder()


def is_whole(node):
    """Whether the program is there, in full length."""
    try:
        return os.stat(node).st_size == facts.NODE["bytes"]
    except OSError:
        return False


def unpack(archive, node):
    """Writes the program beside its place, and renames it when it is whole: a start that is killed leaves a part alone."""
    folder = os.open(os.path.dirname(node), os.O_RDONLY)
    try:
        is_alone = lock(folder)
        if is_whole(node):
            return  # another start, for which this one has waited
        if is_alone:
            remove_parts(node)
        part = f"{node}.{os.getpid()}.part"
        try:
            with opened(archive) as packed, open(part, "xb") as program:
                copy(packed, program)
                program.flush()
                os.fsync(program.fileno())
            os.chmod(part, 0o755)
            os.replace(part, node)
        except BaseException:
            remove(part)
            raise
    finally:
        os.close(folder)


def lock(folder):
    """Waits until no other start unpacks there. Returns False where the file system has no locks: two may unpack then."""
    try:
        import fcntl

        fcntl.flock(folder, fcntl.LOCK_EX)
    except (ImportError, OSError):
        return False
    return True


def remove_parts(node):
    """Removes what starts that were killed have left."""
    folder, name = os.path.split(node)
    for entry in os.listdir(folder):
        if entry.startswith(f"{name}.") and entry.endswith(".part"):
            remove(os.path.join(folder, entry))


def remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def opened(archive):
    try:
        return open(archive, "rb")
    except OSError as error:
        raise Damaged(error.strerror) from error


def copy(packed, program):
    """Decompresses into a file, in chunks. Raises Damaged where it is not the program of the package."""
    import hashlib
    import lzma

    unpacked, length = hashlib.sha256(), 0
    try:
        with lzma.open(packed) as source:
            for chunk in iter(lambda: source.read(CHUNK_BYTES), b""):
                length += len(chunk)
                if length > facts.NODE["bytes"]:
                    break
                unpacked.update(chunk)
                program.write(chunk)
    except lzma.LZMAError as error:
        raise Damaged(error) from error
    if length != facts.NODE["bytes"] or unpacked.hexdigest() != facts.NODE["sha256"]:
        raise Damaged("its contents are not those of the package")
