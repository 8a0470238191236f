"""crawl: sources → documents in the store and rows in the ledger, by one process that asks politely."""

from pipeline.acquire.crawl.process import crawl
from pipeline.acquire.crawl.result import CrawlResult, SourceResult

__all__ = ["CrawlResult", "SourceResult", "crawl"]
