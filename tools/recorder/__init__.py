"""The families of tests/golden, one module each; record_goldens.py is the door."""
