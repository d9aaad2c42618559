-- A commit is kept once it is part of a history, measured or not: the first parents are the order.
CREATE TABLE commits (
    id TEXT PRIMARY KEY,
    parent TEXT,
    committed_at INTEGER NOT NULL, -- seconds since 1970
    summary TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE environments (
    id INTEGER PRIMARY KEY,
    facts TEXT NOT NULL UNIQUE -- as JSON, with the names in a fixed order and the empty ones left out
) STRICT;

CREATE TABLE metrics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exact', 'noisy', 'ratio', 'outcome')),
    direction TEXT NOT NULL CHECK (direction IN ('lower', 'higher', 'neither'))
) STRICT;

CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    package TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, package, name)
) STRICT;

-- What was called `old` is called `new` now, and has one history under that name.
CREATE TABLE aliases (
    old INTEGER PRIMARY KEY REFERENCES subjects,
    new INTEGER NOT NULL REFERENCES subjects
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: what was pushed is known by it
    key TEXT NOT NULL UNIQUE,
    commit_id TEXT REFERENCES commits,
    branch TEXT,
    dirty INTEGER NOT NULL,
    environment INTEGER NOT NULL REFERENCES environments,
    command TEXT NOT NULL,
    started_at INTEGER NOT NULL, -- milliseconds since 1970
    wall_ms INTEGER NOT NULL,
    load REAL,
    status TEXT NOT NULL,
    reason TEXT,
    content TEXT
) STRICT;
CREATE INDEX runs_of_commit ON runs (commit_id);
CREATE INDEX runs_of_content ON runs (content) WHERE content IS NOT NULL;

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    environment INTEGER NOT NULL REFERENCES environments,
    subject INTEGER NOT NULL REFERENCES subjects,
    metric INTEGER NOT NULL REFERENCES metrics,
    UNIQUE (subject, metric, environment)
) STRICT;

-- By series, as they are read; without a row number, which halves them; and without references, which would double
-- the time that it takes to write them. What a run measured goes with it all the same.
CREATE TABLE samples (
    series INTEGER NOT NULL,
    run INTEGER NOT NULL,
    value REAL NOT NULL,
    count INTEGER NOT NULL DEFAULT 1,
    spread REAL,
    PRIMARY KEY (series, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_of_run ON samples (run);
CREATE TRIGGER samples_go_with_their_run AFTER DELETE ON runs BEGIN
    DELETE FROM samples WHERE run = old.id;
END;

CREATE TABLE notes (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    subject INTEGER NOT NULL REFERENCES subjects,
    text TEXT NOT NULL,
    PRIMARY KEY (run, subject, text)
) STRICT, WITHOUT ROWID;

-- How far each sink has come.
CREATE TABLE cursors (
    sink TEXT PRIMARY KEY,
    run INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
