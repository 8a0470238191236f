"""acquire: files and folders → documents, each a distinct content with the hash that names it."""

from pipeline.acquire.files import Document, paths_to_documents
from pipeline.acquire.holdings import Holdings, paths_to_holdings

__all__ = ["Document", "Holdings", "paths_to_documents", "paths_to_holdings"]
