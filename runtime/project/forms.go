package project

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// plainName is what sources, resources, workflows, steps, vars and columns are
// named like.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

const plainNameIs = "write lower-case letters, digits and _, a letter first, at most 63"

// ParseDuration reads a length of time above nothing: "500ms", "30s", "2h".
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("found %q; write a length of time such as 500ms, 30s, 5m or 168h", text)
	}
	return d, nil
}

// retentionForm is an age in days.
var retentionForm = regexp.MustCompile(`^([1-9][0-9]{0,4})d$`)

// ParseRetention reads how long rows are kept: "730d"; "forever" and "" are 0.
func ParseRetention(text string) (time.Duration, error) {
	if text == "" || text == Forever {
		return 0, nil
	}
	m := retentionForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("found %q; write forever, or an age in days such as 730d", text)
	}
	days, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, fmt.Errorf("found %q: %w", text, err)
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

var (
	sizeForm  = regexp.MustCompile(`^(\d{1,12})\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)$`)
	sizeUnits = map[string]int64{"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
)

// maxSize is the largest size that a file may name.
const maxSize = 1_000_000_000

// ParseSize reads a number of bytes, 1 to a billion: "256MB", "64MiB".
func ParseSize(text string) (int64, error) {
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, fmt.Errorf("found %q; write a size such as 500KB, 256MB or 64MiB", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if unit := sizeUnits[m[2]]; err != nil || n < 1 || n > maxSize/unit {
		return 0, fmt.Errorf("found %q; write a size from 1B to 1GB", text)
	}
	return n * sizeUnits[m[2]], nil
}

// CheckBaseURL says what is wrong with a source's base URL: it is https, or
// http to this machine, and holds neither a secret nor a query.
func CheckBaseURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("found %q; write a whole URL, such as https://api.example.org/v1", text)
	case u.User != nil:
		return fmt.Errorf("found a user name in %q; send it in a header: URLs end up in logs", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("found a query in %q; write it as params of the endpoint", u.Redacted())
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("found %q; write https: plain http goes to this machine only (127.0.0.1, localhost)", text)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

var hostForm = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$`)

var (
	rateForm  = regexp.MustCompile(`^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)$`)
	cronForm  = regexp.MustCompile(`^cron\(([^()]*)\)$`)
	cronField = regexp.MustCompile(`^[0-9A-Z*?,/#LW-]+$`)
)

// CheckSchedule says what is wrong with a schedule of EventBridge:
// cron(minutes hours day-of-month month day-of-week year) or rate(n unit).
func CheckSchedule(text string) error {
	if rateForm.MatchString(text) {
		return nil
	}
	m := cronForm.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("found %q; write cron(0 5 * * ? *), in UTC, or rate(6 hours)", text)
	}
	fields := strings.Fields(m[1])
	if len(fields) != 6 {
		return fmt.Errorf("found %q with %d fields; cron has six: minutes, hours, day of month, month, day of week, year", text, len(fields))
	}
	for _, f := range fields {
		if !cronField.MatchString(f) {
			return fmt.Errorf("found %q in %q; a field of cron is digits, names in capitals, and * ? , - / L W #", f, text)
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return fmt.Errorf("found %q; exactly one of day of month and day of week is ?", text)
	}
	return nil
}
