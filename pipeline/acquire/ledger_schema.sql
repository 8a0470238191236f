-- Rows are added and kept; what counts is told by the row's number, never by a time, for clocks are set back.

CREATE TABLE urls (
    url        TEXT PRIMARY KEY,
    source     TEXT NOT NULL,
    title      TEXT NOT NULL,
    year       INTEGER,
    found_on   TEXT NOT NULL,
    region     TEXT,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL
);

CREATE TABLE fetches (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    url       TEXT NOT NULL,
    source    TEXT NOT NULL,
    at        TEXT NOT NULL,
    status    INTEGER,
    headers   TEXT NOT NULL,
    sha256    TEXT,
    size      INTEGER,
    final_url TEXT,
    outcome   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    change    TEXT NOT NULL,
    night     INTEGER NOT NULL
);

CREATE INDEX fetches_of_url ON fetches (url, id);
CREATE INDEX fetches_of_night ON fetches (night);
CREATE INDEX good_fetches ON fetches (url, sha256, id) WHERE sha256 IS NOT NULL AND outcome IN ('stored', 'same');

-- The last whole answer of a list or detail page, packed by zlib: what a 304 stands for.
CREATE TABLE pages (
    url   TEXT PRIMARY KEY,
    fetch INTEGER NOT NULL REFERENCES fetches (id),
    body  BLOB NOT NULL
);

CREATE TABLE documents (
    sha256      TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,
    first_fetch INTEGER NOT NULL REFERENCES fetches (id)
);

CREATE TABLE outcomes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256          TEXT NOT NULL,
    reading_version TEXT NOT NULL,
    status          TEXT NOT NULL,
    reason          TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    at              TEXT NOT NULL
);

CREATE INDEX outcomes_of_version ON outcomes (reading_version, sha256, id);

CREATE TABLE listings (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    url    TEXT NOT NULL,
    links  INTEGER NOT NULL,
    at     TEXT NOT NULL,
    night  INTEGER NOT NULL
);

CREATE INDEX listings_of_source ON listings (source, night, url);

CREATE TABLE nights (
    id          INTEGER PRIMARY KEY,
    started     TEXT NOT NULL,
    ended       TEXT NOT NULL,
    exit_status INTEGER NOT NULL,
    counts      TEXT NOT NULL,
    published   INTEGER NOT NULL
);

-- Fetches that brought or confirmed a document.
CREATE VIEW good AS
SELECT * FROM fetches WHERE sha256 IS NOT NULL AND outcome IN ('stored', 'same');

-- Every content that a URL ever gave: when first, and whether it is what the URL gave last.
CREATE VIEW contents AS
SELECT url, sha256, min(id) AS first_fetch, max(id) AS last_fetch,
       max(id) = max(max(id)) OVER (PARTITION BY url) AS counts
FROM good GROUP BY url, sha256;

-- The night that has not ended; runs that were killed are part of the one that follows them.
CREATE VIEW under_way AS
SELECT coalesce(max(id), 0) + 1 AS night FROM nights;

-- The links of a source in a night; of a list page that was read twice the second reading counts.
CREATE VIEW listed AS
SELECT source, night, sum(links) AS links
FROM (SELECT source, night, links, max(id) FROM listings GROUP BY source, night, url)
GROUP BY source, night;

-- The first document with each text, by the hash of the text: a page is the same for as long as its text is.
CREATE TABLE IF NOT EXISTS texts (
    text   TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL REFERENCES documents (sha256)
);
