//go:build unix

package store_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // only here, to compare with: no part of the program

	"stallwatch/store"
)

// sqliteSchema holds the same records as a store, found in the same ways: by time, by id, tallies by hour and by author.
// It leaves out clusters and checksums.
const sqliteSchema = `
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -64000;
CREATE TABLE posts (time INTEGER, platform TEXT, id TEXT, record TEXT, PRIMARY KEY (time, platform, id)) WITHOUT ROWID;
CREATE TABLE ids (platform TEXT, id TEXT, time INTEGER, PRIMARY KEY (platform, id)) WITHOUT ROWID;
CREATE TABLE verdicts (time INTEGER, platform TEXT, id TEXT, stance INTEGER, p0 REAL, p1 REAL, p2 REAL, p3 REAL, abstain TEXT, model TEXT,
  PRIMARY KEY (time, platform, id)) WITHOUT ROWID;
CREATE TABLE hours (hour INTEGER, platform TEXT, kind TEXT, lang TEXT, model TEXT, outcome TEXT, n INTEGER,
  PRIMARY KEY (hour, platform, kind, lang, model, outcome)) WITHOUT ROWID;
CREATE TABLE authors (hour INTEGER, author TEXT, platform TEXT, kind TEXT, lang TEXT, outcome TEXT, n INTEGER,
  PRIMARY KEY (hour, author, platform, kind, lang, outcome)) WITHOUT ROWID;`

// BenchmarkAddSQLite adds the batches of BenchmarkAdd to SQLite: write-ahead log, synced at every commit, prepared
// statements. Run both in one go: go test ./store -run xxx -bench 'Add' -benchtime 40x
func BenchmarkAddSQLite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.sqlite")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(sqliteSchema); err != nil {
		b.Fatal(err)
	}
	g := newSynthetic(max(b.N*benchBatch, 200_000), 1)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		items := g.batch(benchBatch)
		b.StartTimer()
		if err := addSQLite(db, items); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N*benchBatch)/b.Elapsed().Seconds(), "posts/s")
	if info, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(info.Size())/float64(b.N*benchBatch), "file-B/post")
	}
}

func addSQLite(db *sql.DB, items []store.Item) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var statements []*sql.Stmt
	for _, q := range []string{
		`INSERT INTO ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		`INSERT INTO posts VALUES (?, ?, ?, ?)`,
		`INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		`INSERT INTO hours VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1`,
		`INSERT INTO authors VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1`,
	} {
		s, err := tx.Prepare(q)
		if err != nil {
			return err
		}
		defer s.Close()
		statements = append(statements, s)
	}
	for i := range items {
		p, v := &items[i].Post, &items[i].Verdict
		at, hour := p.CreatedAt.UnixMilli(), p.CreatedAt.Unix()/3600
		added, err := statements[0].Exec(p.Platform, p.ID, at)
		if err != nil {
			return err
		}
		if n, _ := added.RowsAffected(); n == 0 {
			continue
		}
		record, err := json.Marshal(p)
		if err != nil {
			return err
		}
		outcome := v.Stance.String()
		if !v.Classified() {
			outcome = "-" + string(v.Abstain)
		}
		args := [][]any{
			{at, p.Platform, p.ID, string(record)},
			{at, p.Platform, p.ID, v.Stance, v.P[0], v.P[1], v.P[2], v.P[3], string(v.Abstain), v.Model},
			{hour, p.Platform, string(p.Kind), p.Lang, v.Model, outcome},
			{hour, p.Author.ID, p.Platform, string(p.Kind), p.Lang, outcome},
		}
		if outcome != "agree" && outcome != "disagree" {
			args = args[:3]
		}
		for i, a := range args {
			if _, err := statements[1+i].Exec(a...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}
