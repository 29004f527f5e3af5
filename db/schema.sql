-- The review database. The best first read: what is a fact, what is an opinion, what is derived.
--
-- Times are UTC, ISO 8601 with Z. JSON columns are canonical (sorted keys). A table marked FACT or OPINION
-- is only ever added to: triggers made in migrations.py refuse UPDATE, DELETE and INSERT OR REPLACE.
-- What is marked STATE moves on while a run works; what is marked DERIVED can be recomputed from the rest.


-- Where it came from ---------------------------------------------------------------------------------

-- STATE. One start of `harvest run`, `harvest add` …: from its beginning to its exit code.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    command     TEXT NOT NULL,              -- what was asked, without secrets
    version     TEXT NOT NULL,              -- of Harvest
    started_at  TEXT NOT NULL,
    finished_at TEXT,                       -- NULL: still running, or killed
    exit_code   INTEGER
) STRICT;

-- FACT. One wording of one stored search string. A new wording is a new row under the same name.
CREATE TABLE search (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,               -- the reviewer's name for it
    source     TEXT NOT NULL,               -- pubmed, clinicaltrials, file:<database>
    query      TEXT NOT NULL,               -- what is sent, derived from the stored string
    stored     BLOB NOT NULL,               -- the strategy file, byte for byte
    options    TEXT NOT NULL,               -- JSON: further query fields, database, platform …
    digest     TEXT NOT NULL UNIQUE,        -- SHA-256 over all of the above
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX search_name ON search (name);

-- STATE. One asking of one search: listing → fetching → complete, or failed, or abandoned for a new one.
CREATE TABLE fetch (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id),
    search_id   INTEGER NOT NULL REFERENCES search (id),
    state       TEXT NOT NULL CHECK (state IN ('listing', 'fetching', 'complete', 'failed', 'abandoned')),
    cursor      TEXT NOT NULL DEFAULT '',   -- where the listing goes on
    promised    INTEGER,                    -- how many the source says match
    listed      INTEGER,                    -- how many distinct identifiers it listed
    stored      INTEGER,                    -- how many of these are stored now
    missing     TEXT NOT NULL DEFAULT '[]', -- JSON: listed, and not delivered when asked for
    translation TEXT NOT NULL DEFAULT '',   -- the source's own reading of the query
    warnings    TEXT NOT NULL DEFAULT '[]', -- JSON: what it ignored or changed
    failure     TEXT NOT NULL DEFAULT '',
    started_at  TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE INDEX fetch_search ON fetch (search_id);
CREATE INDEX fetch_run ON fetch (run_id);

-- FACT. One answer, exactly as it came.
CREATE TABLE page (
    id         INTEGER PRIMARY KEY,
    fetch_id   INTEGER NOT NULL REFERENCES fetch (id),
    kind       TEXT NOT NULL CHECK (kind IN ('list', 'changed', 'records', 'file', 'unreadable')),
    request    TEXT NOT NULL,               -- JSON: method, address, parameters; never a secret
    asked      TEXT NOT NULL,               -- JSON: keys asked for
    missing    TEXT NOT NULL,               -- JSON: keys not delivered, also when asked again
    cursor     TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    sha256     TEXT NOT NULL,               -- of the body before compression
    body       BLOB NOT NULL                -- zlib; last, for what stands behind it is slow to reach
) STRICT;
CREATE INDEX page_fetch ON page (fetch_id);


-- What it says ---------------------------------------------------------------------------------------

-- FACT. Identity: one record is what one source says under one key. Shown to people as H000123.
CREATE TABLE record (
    id      INTEGER PRIMARY KEY,
    source  TEXT NOT NULL,
    key     TEXT NOT NULL,
    page_id INTEGER NOT NULL REFERENCES page (id),   -- where it was first read
    UNIQUE (source, key)
) STRICT;

-- FACT. Content: a changed answer is one more revision. Compare with the newest only: A → B → A is three.
CREATE TABLE revision (
    id        INTEGER PRIMARY KEY,
    record_id INTEGER NOT NULL REFERENCES record (id),
    page_id   INTEGER NOT NULL REFERENCES page (id),
    position  INTEGER NOT NULL,             -- which one in its page, from 1
    reader    TEXT NOT NULL,                -- name and version of what read it
    stamp     TEXT NOT NULL,                -- the source's date of last change, when it gives one
    read_at   TEXT NOT NULL,
    digest    TEXT NOT NULL,                -- SHA-256 of content
    content   TEXT NOT NULL                 -- the Record as JSON
) STRICT;
CREATE INDEX revision_record ON revision (record_id, id);
CREATE INDEX revision_page ON revision (page_id);

-- FACT. A record that is there and cannot be read.
CREATE TABLE unreadable (
    id       INTEGER PRIMARY KEY,
    page_id  INTEGER NOT NULL REFERENCES page (id),
    position INTEGER NOT NULL,
    line     INTEGER,
    key      TEXT NOT NULL,
    problem  TEXT NOT NULL,
    raw      TEXT NOT NULL
) STRICT;

-- FACT. Text of a file that stands outside of any record.
CREATE TABLE stray (
    id      INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES page (id),
    line    INTEGER NOT NULL,
    text    TEXT NOT NULL
) STRICT;

-- DERIVED from the newest revision. By which names a record can be recognised.
CREATE TABLE identifier (
    record_id INTEGER NOT NULL REFERENCES record (id),
    scheme    TEXT NOT NULL,
    value     TEXT NOT NULL,
    origin    TEXT NOT NULL,
    PRIMARY KEY (scheme, value, record_id, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_record ON identifier (record_id);

-- FACT. That a search found a record, or no longer finds it, and why: PRISMA's "records identified".
CREATE TABLE sighting (
    id        INTEGER PRIMARY KEY,
    search_id INTEGER NOT NULL REFERENCES search (id),
    fetch_id  INTEGER NOT NULL REFERENCES fetch (id),
    record_id INTEGER NOT NULL REFERENCES record (id),
    event     TEXT NOT NULL CHECK (event IN ('appeared', 'disappeared')),
    reason    TEXT NOT NULL CHECK (reason IN (
        'first search', 'new in the source', 'newly matching', 'strategy edited', 'source added', 'file added',
        'no longer matching', 'withdrawn by the source')),
    seen_at   TEXT NOT NULL
) STRICT;
CREATE INDEX sighting_search ON sighting (search_id, record_id);
CREATE INDEX sighting_record ON sighting (record_id);
CREATE INDEX sighting_fetch ON sighting (fetch_id);

-- FACT. What a source says became of a record's paper: retracted, doubted, corrected, replaced, reinstated. Of one
-- record, source, kind and name the newest row counts; `standing` 0: it said so before, and says so no longer.
CREATE TABLE notice (
    id          INTEGER PRIMARY KEY,
    record_id   INTEGER NOT NULL REFERENCES record (id),    -- the paper, never the notice about it
    kind        TEXT NOT NULL CHECK (kind IN (
        'retraction', 'concern', 'correction', 'replacement', 'reinstatement')),
    said_by     TEXT NOT NULL,              -- pubmed, file:embase …, Crossref, Retraction Watch
    word        TEXT NOT NULL,              -- the source's own word
    name        TEXT NOT NULL,              -- by which the notice is known again
    citation    TEXT NOT NULL,
    identifiers TEXT NOT NULL,              -- JSON: PMID and DOI of the notice
    date        TEXT NOT NULL,              -- of the notice, as far as known
    evidence    TEXT NOT NULL,              -- JSON: what the source said, as it said it
    standing    INTEGER NOT NULL CHECK (standing IN (0, 1)),
    run_id      INTEGER REFERENCES run (id),
    seen_at     TEXT NOT NULL
) STRICT;
CREATE INDEX notice_record ON notice (record_id, said_by, kind, name);
CREATE INDEX notice_run ON notice (run_id);

-- FACT. A count that was asked for without listing: the hits of one line of a strategy, or of a known record.
CREATE TABLE tally (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id),
    search_id   INTEGER NOT NULL REFERENCES search (id),
    purpose     TEXT NOT NULL CHECK (purpose IN ('line', 'known')),
    line        INTEGER,                    -- number of the line, NULL where none is meant
    text        TEXT NOT NULL,              -- the line as the reviewer wrote it, or the name of the record
    query       TEXT NOT NULL,              -- what was sent
    hits        INTEGER NOT NULL,           -- how many match, as the source says
    translation TEXT NOT NULL,              -- the source's own reading of the query
    warnings    TEXT NOT NULL,              -- JSON: what it ignored or changed
    request     TEXT NOT NULL,              -- JSON: method, address, parameters; never a secret
    asked_at    TEXT NOT NULL,
    sha256      TEXT NOT NULL,              -- of the answer before compression
    body        BLOB NOT NULL,              -- zlib
    CHECK ((purpose = 'line') = (line IS NOT NULL))
) STRICT;
CREATE INDEX tally_search ON tally (search_id, line);

-- FACT. What the test with a record known to be relevant found in one search, in one run.
CREATE TABLE known_item (
    id        INTEGER PRIMARY KEY,
    run_id    INTEGER NOT NULL REFERENCES run (id),
    search_id INTEGER NOT NULL REFERENCES search (id),
    item      TEXT NOT NULL,                -- pmid:2022136, doi:10.1002/imhj.20291, title:…
    outcome   TEXT NOT NULL CHECK (outcome IN (
        'found', 'not matched', 'not in this source', 'not in the files', 'not found')),
    record_id INTEGER REFERENCES record (id),    -- the record that it was found as, or NULL
    because   TEXT NOT NULL,                -- one sentence
    tested_at TEXT NOT NULL
) STRICT;
CREATE INDEX known_item_search ON known_item (search_id);
CREATE INDEX known_item_run ON known_item (run_id);


-- What is the same -----------------------------------------------------------------------------------

-- OPINION of a rule or a person about two records. The newest counts; a person's outranks every rule's.
CREATE TABLE link (
    id       INTEGER PRIMARY KEY,
    a        INTEGER NOT NULL REFERENCES record (id),
    b        INTEGER NOT NULL REFERENCES record (id),
    relation TEXT NOT NULL CHECK (relation IN ('same report', 'same study', 'ask', 'different')),
    by       TEXT NOT NULL,                 -- 'rules', or who said so
    rule     TEXT NOT NULL,
    version  TEXT NOT NULL,                 -- of the rules
    score    REAL NOT NULL,
    evidence TEXT NOT NULL,                 -- JSON: named features with values
    said_at  TEXT NOT NULL,
    kind     TEXT NOT NULL DEFAULT '',      -- what the two are to each other: protocol, erratum, part …
    CHECK (a < b)
) STRICT;
CREATE INDEX link_pair ON link (a, b);
CREATE INDEX link_b ON link (b);
CREATE INDEX link_said ON link (a, b) WHERE by <> 'rules';    -- what people said: few among many

-- DERIVED from the newest revision. By what other records could be the same as this one: see dedupe/keys.py.
CREATE TABLE blocking (
    record_id INTEGER PRIMARY KEY REFERENCES record (id),
    keys      BLOB NOT NULL,                -- digests of 8 bytes
    place     TEXT NOT NULL                 -- where it stands among others with one of its keys
) STRICT;

-- DERIVED from the links: record → report (its smallest record id) → study (its smallest report id).
CREATE TABLE membership (
    record_id INTEGER PRIMARY KEY REFERENCES record (id),
    report_id INTEGER NOT NULL REFERENCES record (id),
    study_id  INTEGER NOT NULL REFERENCES record (id)
) STRICT;
CREATE INDEX membership_report ON membership (report_id);
CREATE INDEX membership_study ON membership (study_id);


-- What we think --------------------------------------------------------------------------------------

-- FACT. The texts that were ranked: which revisions spoke for which report. One row a content, however many rankings.
CREATE TABLE corpus (
    digest  TEXT PRIMARY KEY,               -- SHA-256 of the unpacked content
    reports INTEGER NOT NULL,
    content BLOB NOT NULL                   -- zlib of 8-byte numbers: see db/packed.py
) STRICT, WITHOUT ROWID;

-- FACT. What was asked when it was ranked: question, criteria, texts known to be relevant, earlier decisions.
CREATE TABLE topic (
    digest  TEXT PRIMARY KEY,               -- SHA-256 of the JSON
    content BLOB NOT NULL                   -- zlib of the JSON
) STRICT, WITHOUT ROWID;

-- OPINION of a model: how an order of reading was made, completely. From this it is made again, bit for bit.
CREATE TABLE ranking (
    id           INTEGER PRIMARY KEY,
    model        TEXT NOT NULL,
    parameters   TEXT NOT NULL,             -- JSON
    seed         INTEGER NOT NULL,
    versions     TEXT NOT NULL,             -- JSON: libraries
    labels       TEXT NOT NULL,             -- JSON: what it was trained on, report → 0 … 1
    input_digest TEXT NOT NULL,             -- same digest, same ranking
    ranked_at    TEXT NOT NULL,
    corpus       TEXT REFERENCES corpus (digest),    -- NULL: made before this was kept
    topic        TEXT REFERENCES topic (digest),
    features     INTEGER NOT NULL DEFAULT 0,    -- how many
    labels_digest TEXT NOT NULL DEFAULT '',
    because      TEXT NOT NULL DEFAULT ''   -- run, import, by hand …
) STRICT;

-- OPINION. The order itself, one row a ranking. It orders; it never excludes. `harvest rank log N --json` unpacks it.
CREATE TABLE ordering (
    ranking_id INTEGER PRIMARY KEY REFERENCES ranking (id),
    reports    INTEGER NOT NULL,
    digest     TEXT NOT NULL,               -- SHA-256 over reports, places and scores
    content    BLOB NOT NULL                -- zlib of 8-byte numbers: reports, best first, then their scores
) STRICT;

-- OPINION of a reviewer about a record. A change of mind is one more row, and so is taking a vote back.
CREATE TABLE decision (
    id         INTEGER PRIMARY KEY,
    record_id  INTEGER NOT NULL REFERENCES record (id),
    stage      TEXT NOT NULL CHECK (stage IN ('title and abstract', 'full text')),
    reviewer   TEXT NOT NULL,
    verdict    TEXT NOT NULL CHECK (verdict IN ('include', 'exclude', 'unsure', 'withdrawn')),
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    handover_id INTEGER REFERENCES handover (id),    -- the file it came in with, or NULL
    decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX decision_record ON decision (record_id, stage);
CREATE INDEX decision_reviewer ON decision (reviewer, stage);

-- OPINION of the arbiter: how a conflict ends. The votes stay as they were; it holds as long as they are the newest.
CREATE TABLE resolution (
    id          INTEGER PRIMARY KEY,
    record_id   INTEGER NOT NULL REFERENCES record (id),
    stage       TEXT NOT NULL CHECK (stage IN ('title and abstract', 'full text')),
    arbiter     TEXT NOT NULL,
    verdict     TEXT NOT NULL CHECK (verdict IN ('include', 'exclude', 'unsure')),
    reason      TEXT NOT NULL,
    note        TEXT NOT NULL,
    votes       TEXT NOT NULL,              -- JSON: ids of the decisions that it settles, sorted
    resolved_at TEXT NOT NULL
) STRICT;
CREATE INDEX resolution_record ON resolution (record_id, stage);

-- OPINION of a reviewer: not now. No vote; the newest row of a record, stage and reviewer counts, until they vote.
CREATE TABLE postponement (
    id           INTEGER PRIMARY KEY,
    record_id    INTEGER NOT NULL REFERENCES record (id),
    stage        TEXT NOT NULL CHECK (stage IN ('title and abstract', 'full text')),
    reviewer     TEXT NOT NULL,
    until        TEXT NOT NULL,             -- a day, ISO 8601; empty: to the end of the queue; 'now': taken up again
    note         TEXT NOT NULL,
    postponed_at TEXT NOT NULL
) STRICT;
CREATE INDEX postponement_reviewer ON postponement (reviewer, stage);

-- FACT. A random sample that every reviewer reads first, to see whether all mean the same by the criteria.
CREATE TABLE pilot (
    id       INTEGER PRIMARY KEY,
    stage    TEXT NOT NULL CHECK (stage IN ('title and abstract', 'full text')),
    seed     INTEGER NOT NULL,
    reports  TEXT NOT NULL,                 -- JSON: ids as they were drawn
    drawn_by TEXT NOT NULL,
    drawn_at TEXT NOT NULL
) STRICT;

-- FACT. From here on reviewers may see each other's votes at a stage.
CREATE TABLE unblinding (
    id      INTEGER PRIMARY KEY,
    stage   TEXT NOT NULL CHECK (stage IN ('title and abstract', 'full text')),
    by      TEXT NOT NULL,
    because TEXT NOT NULL,
    at      TEXT NOT NULL
) STRICT;

-- FACT. Getting hold of a full text; the newest row of a record counts.
CREATE TABLE retrieval (
    id        INTEGER PRIMARY KEY,
    record_id INTEGER NOT NULL REFERENCES record (id),
    state     TEXT NOT NULL CHECK (state IN ('sought', 'retrieved', 'not retrieved')),
    place     TEXT NOT NULL,                -- file or address, as far as anybody said
    note      TEXT NOT NULL,
    by        TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE INDEX retrieval_record ON retrieval (record_id);

-- OPINION of a person about a study, said of any of its records; the newest row of a record and field counts.
CREATE TABLE study_note (
    id        INTEGER PRIMARY KEY,
    record_id INTEGER NOT NULL REFERENCES record (id),
    field     TEXT NOT NULL CHECK (field IN ('label', 'primary', 'state')),
    value     TEXT NOT NULL,                -- Cicchetti 1999a · H000123 · ongoing, awaiting classification
    because   TEXT NOT NULL,
    by        TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE INDEX study_note_record ON study_note (record_id, field);

-- FACT. A file of decisions that came back.
CREATE TABLE handover (
    id        INTEGER PRIMARY KEY,
    path      TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    reviewer  TEXT NOT NULL,
    rows      INTEGER NOT NULL,
    came_at   TEXT NOT NULL
) STRICT;

-- FACT. A queue that went out: to whom, which records, in which order.
CREATE TABLE export (
    id         INTEGER PRIMARY KEY,
    path       TEXT NOT NULL,
    format     TEXT NOT NULL,
    reviewer   TEXT NOT NULL,
    stage      TEXT NOT NULL,
    ranking_id INTEGER REFERENCES ranking (id),
    reports    TEXT NOT NULL,               -- JSON: ids in order
    sha256     TEXT NOT NULL,               -- of the file
    went_at    TEXT NOT NULL
) STRICT;

-- FACT. A single report put before a reviewer, as on the desk; a whole queue is an export.
CREATE TABLE showing (
    id         INTEGER PRIMARY KEY,
    ranking_id INTEGER NOT NULL REFERENCES ranking (id),
    reviewer   TEXT NOT NULL,
    stage      TEXT NOT NULL,
    report_id  INTEGER NOT NULL REFERENCES record (id),
    position   INTEGER NOT NULL,            -- place in the reviewer's queue, from 1
    shown_at   TEXT NOT NULL
) STRICT;
CREATE INDEX showing_ranking ON showing (ranking_id);

-- FACT. Anything else worth remembering: alarms, notes, a file re-read.
CREATE TABLE event (
    id      INTEGER PRIMARY KEY,
    run_id  INTEGER REFERENCES run (id),
    kind    TEXT NOT NULL,
    detail  TEXT NOT NULL,                  -- JSON
    at      TEXT NOT NULL
) STRICT;


-- Questions ------------------------------------------------------------------------------------------

-- The newest content of every record.
CREATE VIEW latest AS
    SELECT r.id AS record_id, r.source, r.key, v.id AS revision_id, v.page_id, v.digest, v.stamp, v.content
    FROM revision v JOIN record r ON r.id = v.record_id
    WHERE v.id = (SELECT max(id) FROM revision WHERE record_id = v.record_id);

-- What each search finds today, by the search's name.
CREATE VIEW finding AS
    SELECT name, record_id, since FROM (
        SELECT s.name, g.record_id, g.event, g.seen_at AS since, max(g.id)
        FROM sighting g JOIN search s ON s.id = g.search_id
        GROUP BY s.name, g.record_id)
    WHERE event = 'appeared';

-- The opinion in force on every pair: the newest by a person, else by the rules. A person's `ask` takes back
-- what that person said of the pair before: as if it had never been said.
CREATE VIEW opinion AS
    SELECT l.* FROM link l
    WHERE l.id = (SELECT m.id FROM link m WHERE m.a = l.a AND m.b = l.b
                  AND (m.by = 'rules' OR m.relation <> 'ask' AND NOT EXISTS (
                       SELECT 1 FROM link t WHERE t.a = m.a AND t.b = m.b AND t.by = m.by AND t.relation = 'ask'
                       AND t.id > m.id))
                  ORDER BY m.by <> 'rules' DESC, m.id DESC LIMIT 1);

-- The newest vote of every reviewer on every record at every stage, less what was taken back.
CREATE VIEW vote AS
    SELECT d.* FROM decision d
    WHERE d.verdict <> 'withdrawn'
      AND d.id = (SELECT max(id) FROM decision
                  WHERE record_id = d.record_id AND stage = d.stage AND reviewer = d.reviewer);

-- What every source says today of what became of a paper.
CREATE VIEW noticed AS
    SELECT n.* FROM notice n
    WHERE n.standing = 1 AND n.id = (
        SELECT max(id) FROM notice
        WHERE record_id = n.record_id AND said_by = n.said_by AND kind = n.kind AND name = n.name);


-- Search box -----------------------------------------------------------------------------------------

-- DERIVED. Words of titles and abstracts of the newest revisions; rowid is the record id.
CREATE VIEW words AS
    SELECT record_id, json_extract(content, '$.title') AS title,
           (SELECT group_concat(json_extract(value, '$.text'), char(10))
            FROM json_each(content, '$.abstract')) AS abstract
    FROM latest;
CREATE VIRTUAL TABLE word USING fts5 (
    title, abstract, content = 'words', content_rowid = 'record_id', tokenize = 'unicode61 remove_diacritics 2');
