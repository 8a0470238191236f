NAME=WHAT="compare"
EXAMPLES="examples:\n  python -m pipeline compare"
def add_options(sub): pass
def command(parsed): return 0
