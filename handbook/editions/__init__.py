"""The handbook in other forms than a website: one PDF, one EPUB, a zip for reading offline, and Markdown.

Each is made from the built site, so that it says what the site says; `make` writes them all into it.
"""
