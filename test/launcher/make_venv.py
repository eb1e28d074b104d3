"""python make_venv.py FOLDER REQUIREMENTS: makes FOLDER an environment with the requirements and nothing else.

Several processes may ask for the same folder at once: the first one makes it, the others wait. The lock is the
kernel's, so it goes when its owner and the owner's pip are dead; what they left half made is made anew.
"""

import fcntl
import os
import subprocess
import sys
import venv

folder, requirements = sys.argv[1:]
os.makedirs(os.path.dirname(folder), exist_ok=True)
with open(folder + ".lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    complete = os.path.join(folder, "complete")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(complete) or not os.path.exists(python):
        venv.create(folder, clear=True, symlinks=True, with_pip=False)
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-input"]
        subprocess.run([*pip, "--requirement", requirements], check=True, pass_fds=[lock.fileno()])
        open(complete, "w").close()
