"""The documentation site: `python -m website` gathers its pages in build/docs and makes build/site of them.

`mkdocs.yml` has the structure. What is not written by hand is made from its source each time: a page per rule from
`rules/*.yaml`, the Python API from docstrings.
"""
