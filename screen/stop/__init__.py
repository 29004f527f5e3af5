"""When is it enough? It recommends, and excludes nothing.

`rules` over a reading (`curve`, the usual one; `urn`, the strict one), `estimate` of what is left, `sample` drawn by
lot, `target` in whole includes, and the `plot`.
"""
