"""What to do where no Node.js can be started."""

from node_launcher import facts

OLDEST_NODE = (22, 19)


def remedy(advice=None):
    """A sentence: to follow the advice, by default to install the right thing, or to name a Node.js of one's own."""
    oldest = ".".join(map(str, OLDEST_NODE))
    return f"{advice or what_to_install()}, or set {facts.NODE_VARIABLE} to the path of a Node.js >= {oldest}."


def what_to_install():
    if facts.NODE:
        return "Install the package for this system, or the one that is not an offline one"
    return "Install the plugin's requirements.txt into its Python environment (reinstalling the plugin does)"
