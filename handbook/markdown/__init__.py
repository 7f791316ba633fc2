"""What Markdown can't say: citations, questions, diagrams, figures, maths and tables made from data.

Each module is a Python-Markdown extension, so that MkDocs and Zensical render the same article.
"""
