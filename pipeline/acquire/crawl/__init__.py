"""Crawl the sites: sources → documents in the store and rows in the ledger, by one polite process."""

from pipeline.acquire.crawl.process import crawl
from pipeline.acquire.crawl.result import CrawlResult, SourceResult

__all__ = ["CrawlResult", "SourceResult", "crawl"]
