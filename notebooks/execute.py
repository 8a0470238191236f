"""notebooks/*.py → notebooks/*.ipynb, run from top to bottom, with their output.

python notebooks/execute.py            # all of them
python notebooks/execute.py 02 05      # those whose names begin so
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).absolute().parent
TABLES = HERE / "tables"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SECONDS = 120


def text_to_notebook(path: Path) -> NotebookNode:
    """The cells of a .py file in jupytext's percent format, without output; their ids are their places."""
    notebook: NotebookNode = jupytext.read(path, fmt="py:percent")
    notebook.metadata = nbformat.from_dict({**KERNEL, "language_info": {"name": "python"}})
    for place, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{place:02}"
    return notebook


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """The notebook with the output of every cell, run in the folder; a cell that fails raises."""
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    return without_noise(notebook)


def without_noise(notebook: NotebookNode) -> NotebookNode:
    """Without what differs from run to run: times, and what the kernel says of itself."""
    notebook.metadata = nbformat.from_dict({**KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    return notebook


def main() -> None:
    shutil.rmtree(TABLES, ignore_errors=True)  # what was made of older reports or by older code
    for path in sorted(HERE.glob("[0-9]*.py")):
        if not sys.argv[1:] or path.name.startswith(tuple(sys.argv[1:])):
            nbformat.write(run(text_to_notebook(path), HERE), path.with_suffix(".ipynb"))
            print(path.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main()
