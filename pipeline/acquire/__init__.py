"""Acquire documents: web sites, files and folders → documents, each distinct content once, named by its
hash."""

from pipeline.acquire.files import Document, paths_to_documents
from pipeline.acquire.holdings import Holdings, paths_to_holdings

__all__ = ["Document", "Holdings", "paths_to_documents", "paths_to_holdings"]
