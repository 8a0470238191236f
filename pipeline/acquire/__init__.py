"""acquire: files and folders → documents, each a distinct content with the hash that names it."""

from pipeline.acquire.files import Document, PathError, paths_to_documents

__all__ = ["Document", "PathError", "paths_to_documents"]
