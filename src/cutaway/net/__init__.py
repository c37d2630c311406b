"""The only code that touches sockets: serving, connecting, recording."""
