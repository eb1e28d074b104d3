"""What `main.py` needs now and then, and `facts.py`, which is written when a package is made."""
