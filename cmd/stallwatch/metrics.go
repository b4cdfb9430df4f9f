package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"stallwatch/cmd/stallwatch/config"
	"stallwatch/collector"
)

// observer keeps the counters that /metrics shows of this process, and answers /readyz. What the store knows is read when it is
// asked for.
type observer struct {
	keeper   *keeper
	config   *config.Config // nil: nothing is collected
	registry *prometheus.Registry

	posts, pages, failures *prometheus.CounterVec
	dollars                *prometheus.CounterVec
}

func newObserver(k *keeper, c *config.Config) *observer {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "stallwatch", Name: name, Help: help}, []string{"source"})
	}
	o := &observer{keeper: k, config: c, registry: prometheus.NewRegistry(),
		posts:    counter("collected_posts_total", "Posts that a source has delivered, duplicates included."),
		pages:    counter("collected_pages_total", "Pages that were committed."),
		failures: counter("collect_failures_total", "Rounds that ended early."),
		dollars:  counter("collect_dollars_total", "What a source has cost.")}
	o.registry.MustRegister(o.posts, o.pages, o.failures, o.dollars, o, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return o
}

// watch counts what a loop does.
func (o *observer) watch(s collector.Status, p collector.Page, err error) {
	name := s.Info.Name
	if err != nil {
		o.failures.WithLabelValues(name).Inc()
	}
	if p.State != nil {
		o.pages.WithLabelValues(name).Inc()
		o.posts.WithLabelValues(name).Add(float64(len(p.Batch.Posts)))
		o.dollars.WithLabelValues(name).Add(p.Cost.Dollars())
	}
}

var (
	lagDesc     = prometheus.NewDesc("stallwatch_source_lag_seconds", "Time since the moment up to which all posts are collected.", []string{"source"}, nil)
	successDesc = prometheus.NewDesc("stallwatch_source_last_success_timestamp_seconds", "When a visit last came to its end.", []string{"source"}, nil)
	failingDesc = prometheus.NewDesc("stallwatch_source_failing", "1 when the last visit ended early.", []string{"source", "kind"}, nil)
	coverDesc   = prometheus.NewDesc("stallwatch_source_coverage_ratio", "Delivered over counted posts of the last seven days.", []string{"source"}, nil)
	leftDesc    = prometheus.NewDesc("stallwatch_budget_left_dollars", "What is left of a month's and run's budget.", []string{"account"}, nil)
)

// Describe lists what Collect gives.
func (o *observer) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lagDesc, successDesc, failingDesc, coverDesc, leftDesc} {
		ch <- d
	}
}

// Collect reads the sources' state out of the store.
func (o *observer) Collect(ch chan<- prometheus.Metric) {
	all, err := statuses(o.keeper.store)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(lagDesc, err)
		return
	}
	now := time.Now()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, st := range all {
		name := st.Info.Name
		if !st.Through.IsZero() {
			gauge(lagDesc, now.Sub(st.Through).Seconds(), name)
		}
		if !st.Succeeded.IsZero() {
			gauge(successDesc, float64(st.Succeeded.Unix()), name)
		}
		if st.Failing != "" {
			gauge(failingDesc, 1, name, st.Failing)
		} else {
			gauge(failingDesc, 0, name, "")
		}
		if hours, err := coverage(o.keeper.store, st.Info); err == nil {
			if r, _, ok := ratio(hours, now.AddDate(0, 0, -7)); ok {
				gauge(coverDesc, r, name)
			}
		}
	}
	if a := o.keeper.account(config.AccountX); a != nil {
		if left := a.Left(now); left.Micros != collector.Unlimited {
			gauge(leftDesc, left.Dollars(), config.AccountX)
		}
	}
}

// paths are what is answered beside the pages: whether the process is ready and, to its operator, its figures.
func (o *observer) paths(public bool) map[string]http.HandlerFunc {
	m := map[string]http.HandlerFunc{"GET /readyz": o.ready}
	if !public {
		m["GET /metrics"] = promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{}).ServeHTTP
	}
	return m
}

// ready says whether the process does its work: the store answers, and every source of the configuration has been
// visited with success within three periods, or waits for its first visit.
func (o *observer) ready(w http.ResponseWriter, _ *http.Request) {
	all, err := statuses(o.keeper.store)
	if err != nil {
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	late := 0
	if o.config != nil {
		for _, st := range all {
			if !st.Next.IsZero() && st.Failing != "" && time.Since(st.Succeeded) > 3*o.config.Period() {
				late++
			}
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if late > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "%d sources fail; 'stallwatch sources' says why\n", late)
		return
	}
	fmt.Fprintln(w, "ready")
}
