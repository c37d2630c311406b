"""What the page and the program say to each other, as types: a module for each area of the page.

Both sides come from here: JSON is written by msgspec, the page's TypeScript is made from the
OpenAPI description of these classes, and a test compares the two. So a name is given once in all of
them.

Left out: which request is answered by what. The areas say that.
"""
