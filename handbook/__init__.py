"""The software behind the Generative AI Handbook.

`handbook.markdown` extends Python-Markdown with what a chapter needs, `handbook.checks` is the gate, and
`handbook.figures` computes the plots.
"""
