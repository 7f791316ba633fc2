"""The computed figures: one module a chapter, each with draw() -> {file name: SVG text}."""
