"""The gate: what is wrong with a chapter or with the built site, by file and line, and how to mend it."""
