"""Extract: one document → one Report. Everything that decides what a number is stands here.

A threshold has its unit first in its docstring, then what it bounds, then what taught it. Where nothing is
said of that, no report is known that taught it.
"""
