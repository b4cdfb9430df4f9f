package xapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stallwatch/collector"
)

// Job is a batch compliance job: ids of posts go in, those that are gone or changed come out.
type Job struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Status      string    `json:"status"` // created, in_progress, complete, failed, expired
	UploadURL   string    `json:"upload_url"`
	DownloadURL string    `json:"download_url"`
	Expires     time.Time `json:"download_expires_at"`
}

// CreateJob opens a job for post ids.
func (c *Client) CreateJob(ctx context.Context, name string) (Job, error) {
	a, err := c.http.Send(ctx, http.MethodPost, "/2/compliance/jobs", nil, map[string]string{"type": "tweets", "name": name})
	return readJob(a, err, "create")
}

// Job asks how far a job is.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	a, err := c.http.Get(ctx, "/2/compliance/jobs/"+url.PathEscape(id), nil)
	return readJob(a, err, "ask for")
}

func readJob(a collector.Answer, err error, what string) (Job, error) {
	if err != nil {
		return Job{}, fmt.Errorf("x compliance: %s a job: %w", what, err)
	}
	var v struct {
		Data Job `json:"data"`
	}
	if err := collector.Unmarshal(a.Body, &v); err != nil {
		return Job{}, fmt.Errorf("x compliance: %s a job: %w", what, err)
	}
	if v.Data.ID == "" {
		return Job{}, fmt.Errorf("x compliance: %s a job: the answer names none: %s", what, collector.Brief(string(a.Body)))
	}
	return v.Data, nil
}

// Upload sends the ids of a job, one a line. The address is signed: it gets no token.
func (c *Client) Upload(ctx context.Context, j Job, ids io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, j.UploadURL, ids)
	if err != nil {
		return fmt.Errorf("x compliance: upload: %w", err)
	}
	req.Header.Set("Content-Type", "text/plain")
	resp, err := c.plain().Do(req)
	if err != nil {
		return fmt.Errorf("x compliance: upload: %w", err)
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // only for the message
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("x compliance: upload: HTTP %d: %s", resp.StatusCode, collector.Brief(string(said)))
	}
	return nil
}

// Download opens the result of a job that is complete: JSONL with one notice a line. The caller closes it.
func (c *Client) Download(ctx context.Context, j Job) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, j.DownloadURL, nil)
	if err != nil {
		return nil, fmt.Errorf("x compliance: download: %w", err)
	}
	resp, err := c.plain().Do(req)
	if err != nil {
		return nil, fmt.Errorf("x compliance: download: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // only for the message
		resp.Body.Close()
		return nil, fmt.Errorf("x compliance: download: HTTP %d: %s", resp.StatusCode, strings.TrimSpace(collector.Brief(string(said))))
	}
	return resp.Body, nil
}

// plain is the client without our headers.
func (c *Client) plain() *http.Client {
	if c.http.Client != nil {
		return c.http.Client
	}
	return http.DefaultClient
}
