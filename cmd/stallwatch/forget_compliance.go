package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"stallwatch/collector/xapi"
	"stallwatch/store"
)

// jobKey is where the compliance job under way is kept, so that an interrupted one is taken up again.
const jobKey = "compliance/x"

// jobPoll is how often a job is asked for; X says that jobs take from minutes to hours.
const jobPoll = 15 * time.Second

// complianceJob has X say which of its posts in the store are gone, and removes them.
func (a *app) complianceJob(ctx context.Context, s *store.Store, e *eraser) error {
	c, err := a.readConfig()
	if err != nil {
		return err
	}
	if c.X == nil {
		return fmt.Errorf("%s has no section x with a token", a.config)
	}
	token, err := c.X.Token.Read(c, a.getenv)
	if err != nil {
		return fmt.Errorf("x.token: %w", err)
	}
	x := xapi.NewClient(xapi.Config{Base: c.X.Base, Token: token, Agent: "stallwatch/" + version(), Pace: c.X.Pace.D})
	job, err := a.startJob(ctx, s, x)
	if err != nil {
		return err
	}
	if job, err = a.awaitJob(ctx, x, job); err != nil {
		if job.Status == "failed" || job.Status == "expired" {
			return joinErrors(err, s.SetState(map[string][]byte{jobKey: nil}))
		}
		return err
	}
	body, err := x.Download(ctx, job)
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := os.CreateTemp("", "stallwatch-compliance-*.jsonl")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = io.Copy(f, body); err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("x compliance: download: %w", err)
	}
	e.run.Entry.Source = "X compliance job " + job.ID
	e.posts = true // the job was about posts
	if err := a.applyNotices(ctx, e, f.Name()); err != nil {
		return err
	}
	return s.SetState(map[string][]byte{jobKey: nil})
}

func joinErrors(err, more error) error {
	if more != nil {
		return fmt.Errorf("%w; and %w", err, more)
	}
	return err
}

// startJob finds the job that was under way, or makes one of all ids of X in the store.
func (a *app) startJob(ctx context.Context, s *store.Store, x *xapi.Client) (job xapi.Job, err error) {
	raw, err := s.State(jobKey)
	if err != nil {
		return job, err
	}
	if raw != nil {
		if err := json.Unmarshal(raw, &job); err != nil {
			return job, fmt.Errorf("the job under way: %w", err)
		}
		a.say("Going on with job %s of X.", job.ID)
		return job, nil
	}
	dir, err := os.MkdirTemp("", "stallwatch-compliance")
	if err != nil {
		return job, err
	}
	defer os.RemoveAll(dir)
	f, err := os.OpenFile(filepath.Join(dir, "ids"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return job, err
	}
	defer f.Close()
	n, err := listIDs(ctx, s, f)
	if err != nil {
		return job, err
	}
	if n == 0 {
		return job, fmt.Errorf("%s holds no post of X to ask about", s.Path())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return job, err
	}
	if job, err = x.CreateJob(ctx, "stallwatch-"+time.Now().UTC().Format("20060102T150405")); err != nil {
		return job, err
	}
	if err := x.Upload(ctx, job, f); err != nil {
		return job, err
	}
	a.say("Asked X about %s (job %s); it may take minutes to hours.", plural(n, "post", "posts"), job.ID)
	if raw, err = json.Marshal(job); err != nil {
		return job, err
	}
	return job, s.SetState(map[string][]byte{jobKey: raw})
}

func listIDs(ctx context.Context, s *store.Store, w io.Writer) (n int, err error) {
	theses, err := s.Theses()
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for _, t := range theses {
		err := s.Each(ctx, t, store.Filter{Platforms: []string{"x"}}, func(r store.Record) error {
			if seen[r.Post.ID] {
				return nil
			}
			seen[r.Post.ID] = true
			n++
			_, err := fmt.Fprintln(w, r.Post.ID)
			return err
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (a *app) awaitJob(ctx context.Context, x *xapi.Client, job xapi.Job) (xapi.Job, error) {
	for {
		now, err := x.Job(ctx, job.ID)
		if err != nil {
			return job, err
		}
		switch now.Status {
		case "complete":
			return now, nil
		case "failed", "expired":
			return now, fmt.Errorf("x compliance: job %s has %s; run the same command again for a new one", now.ID, now.Status)
		}
		t := time.NewTimer(jobPoll)
		select {
		case <-ctx.Done():
			t.Stop()
			return now, ctx.Err()
		case <-t.C:
		}
	}
}
