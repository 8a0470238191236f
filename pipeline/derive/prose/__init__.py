"""Prose: the chapters of all reports → key terms, copied texts, and figures claimed in words.

Import its modules only when needed: `words` loads jieba, which takes longer than a run with nothing new.
"""
