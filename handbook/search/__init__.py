"""The search index: read from the built site of either engine, and cut into files that a reader fetches as needed.

`pages` reads the built HTML, `words` makes words comparable, and `index` weighs and writes. The browser's half is
`docs/assets/javascripts/search.js`, on the library MiniSearch.
"""
