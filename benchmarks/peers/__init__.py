"""Other programs that find tables in PDFs, and one plain label lookup for all of them.

`PEERS` says how each is used, `grids_to_cells` turns the raw tables of any of them into cells of the form.
"""

from benchmarks.peers.lookup import Cell, Grid, Value, grids_to_cells
from benchmarks.peers.readers import PEERS, Peer

__all__ = ["PEERS", "Cell", "Grid", "Peer", "Value", "grids_to_cells"]
