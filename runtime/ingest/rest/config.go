package rest

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/runtime/project"
)

// settings are a client's numbers with their defaults filled in.
type settings struct {
	concurrency      int
	timeout          time.Duration
	maxBody          int64
	attempts         int
	minWait, maxWait time.Duration
	perSecond        float64 // 0: no limit
	burst            int
}

// The defaults that project.Client and project.Retry tell.
const (
	defaultConcurrency = 4
	defaultTimeout     = 60 * time.Second
	defaultMaxBody     = 256_000_000
	defaultAttempts    = 6
	defaultMinWait     = 500 * time.Millisecond
	defaultMaxWait     = 60 * time.Second
)

func readSettings(c project.Client) (settings, error) {
	s := settings{concurrency: c.Concurrency, attempts: defaultAttempts, minWait: defaultMinWait, maxWait: defaultMaxWait}
	if s.concurrency <= 0 {
		s.concurrency = defaultConcurrency
	}
	var err error
	if s.timeout, err = duration("client.timeout", c.Timeout, defaultTimeout); err != nil {
		return s, err
	}
	if s.maxBody, err = size("client.max_body", c.MaxBody, defaultMaxBody); err != nil {
		return s, err
	}
	if r := c.Retry; r != nil {
		if r.Attempts > 0 {
			s.attempts = r.Attempts
		}
		if s.minWait, err = duration("client.retry.min_wait", r.MinWait, defaultMinWait); err != nil {
			return s, err
		}
		if s.maxWait, err = duration("client.retry.max_wait", r.MaxWait, max(defaultMaxWait, s.minWait)); err != nil {
			return s, err
		}
	}
	if r := c.RateLimit; r != nil {
		if r.PerSecond <= 0 {
			return s, fmt.Errorf("client.rate_limit.per_second %v: write a number above 0", r.PerSecond)
		}
		s.perSecond, s.burst = r.PerSecond, max(1, r.Burst)
	}
	return s, nil
}

func duration(key, text string, otherwise time.Duration) (time.Duration, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := project.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", key, err)
	}
	return d, nil
}

// size reads a size; project's bound of 1 GB keeps a batch's offsets within 32 bits.
func size(key, text string, otherwise int64) (int64, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := project.ParseSize(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", key, err)
	}
	return n, nil
}
