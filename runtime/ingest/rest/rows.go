package rest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"

	"github.com/floe-data/floe/runtime/fault"
)

// rowState is the cursor state of scope row, as JSON. Seen are hashes of the
// rows that have the last value, kept where rows are only added: an API gives
// them again. It is bounded; if more rows share the last value, All says that
// none of that value is taken again.
type rowState struct {
	Last string   `json:"last"`
	Seen []string `json:"seen,omitempty"`
	All  bool     `json:"all,omitempty"`
}

const maxSeen = 512

// rowScan follows the cursor of one item's rows.
type rowScan struct {
	rd    *reading
	key   string
	old   rowState
	start string // rows below it were loaded

	mu   sync.Mutex // pages are decoded by a worker, late ones by the consumer
	max  string
	seen map[string]bool // hashes of rows at max
	err  error
}

// startRows says where an item's rows begin. --from and --to read a piece of
// the data for once: they leave the state alone.
func (rd *reading) startRows(e *endpoint, it *item, withState bool) error {
	inc := e.incremental
	initial, err := inc.initial.render(it.values, nil)
	if err != nil {
		return fmt.Errorf("incremental.initial_value: %w", err)
	}
	it.values.incremental = map[string]string{initialValue: initial, startValue: initial}
	if !withState {
		return nil
	}
	scan := &rowScan{rd: rd, key: stateKey(it.label), seen: map[string]bool{}}
	if text := rd.ask.State[scan.key]; text != "" {
		if err := json.Unmarshal([]byte(text), &scan.old); err != nil {
			return fault.New(fault.Failed, fmt.Errorf("resource %s: cursor state %q: %w", e.resource.Name, text, err), "floe ingest <source> --full-refresh")
		}
	}
	it.rows = scan
	switch {
	case rd.bounds.set():
		it.values.incremental[startValue] = or(rd.bounds.from, initial)
		it.values.incremental[endValue] = rd.bounds.to
	case scan.old.Last != "" && !rd.ask.FullRefresh:
		if scan.start, err = before(scan.old.Last, inc.lag); err != nil {
			return fault.New(fault.Usage, err, "")
		}
		it.values.incremental[startValue] = scan.start
		it.values.incremental[lastValue] = scan.old.Last
	}
	return nil
}

// keeper is what a decoder asks of each row, nil for all rows.
func (s *rowScan) keeper() func(cursor, record []byte) bool {
	if s == nil {
		return nil
	}
	return s.keep
}

// keep says whether a row is wanted, and notes its cursor.
func (s *rowScan) keep(cursor, record []byte) bool {
	text, ok := scalarText(cursor)
	if s.rd.bounds.set() {
		if !ok {
			return false
		}
		in, err := s.rd.bounds.contains(text)
		if err != nil {
			s.mu.Lock()
			s.err = errors.Join(s.err, err)
			s.mu.Unlock()
		}
		return in
	}
	if !ok {
		return true // a row without a cursor is loaded each time
	}
	if s.start != "" && compareCursors(text, s.start) < 0 {
		return false
	}
	hash := ""
	if s.rd.ask.Append {
		h := fnv.New64a()
		h.Write(record)
		hash = hex.EncodeToString(h.Sum(nil))
		if s.start != "" && text == s.old.Last && (s.old.All || slices.Contains(s.old.Seen, hash)) {
			return false
		}
	}
	s.observe(text, hash)
	return true
}

func (s *rowScan) observe(text, hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.max == "" || compareCursors(text, s.max) > 0 {
		s.max = text
		clear(s.seen)
	}
	if hash != "" && text == s.max && len(s.seen) <= maxSeen {
		s.seen[hash] = true
	}
}

// finish gives the state after the item's last page.
func (s *rowScan) finish() (map[string]string, error) {
	if s.err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("--from and --to: %w", s.err), "")
	}
	if s.max == "" || s.rd.bounds.set() || s.old.Last != "" && compareCursors(s.max, s.old.Last) < 0 {
		return nil, nil
	}
	next := rowState{Last: s.max}
	if s.max == s.old.Last {
		next.Seen, next.All = slices.Clone(s.old.Seen), s.old.All
	}
	for h := range s.seen {
		if !slices.Contains(next.Seen, h) {
			next.Seen = append(next.Seen, h)
		}
	}
	slices.Sort(next.Seen)
	if next.All || len(next.Seen) > maxSeen {
		next.Seen, next.All = nil, true
	}
	text, err := json.Marshal(next)
	if err != nil {
		return nil, fmt.Errorf("write the cursor state: %w", err)
	}
	if string(text) == s.rd.ask.State[s.key] {
		return nil, nil
	}
	return map[string]string{s.key: string(text)}, nil
}
