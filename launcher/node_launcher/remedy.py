"""What to do where no Node.js can be started."""

from node_launcher import facts

OLDEST_NODE = (22, 19)


def remedy():
    if facts.NODE:
        advice = "Install the package for this system, or the one that is not an offline one"
    else:
        advice = "Install the plugin's requirements.txt into its Python environment (reinstalling the plugin does)"
    oldest = ".".join(map(str, OLDEST_NODE))
    return f"{advice}, or set {facts.NODE_VARIABLE} to the path of a Node.js >= {oldest}."
