package athenatest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Script says what a statement answers.
type Script func(sql string) Answer

// Column is a column of a result as Athena tells it.
type Column struct {
	Name, Type       string
	Precision, Scale int
}

// Answer is how a statement ends and what it gives.
type Answer struct {
	Columns []Column
	Rows    [][]any // nil is NULL, anything else is printed; a SELECT's header comes by itself
	Updated int64   // rows that a CREATE TABLE AS or an INSERT wrote
	Error   *Error  // nil: it succeeds
	Scanned int64   // bytes

	Delay  time.Duration // how long it runs; less than zero: until it is stopped
	Finish func() error  // done once when it ends well; its error fails the statement
}

// Error is why a statement failed.
type Error struct {
	Reason    string // StateChangeReason
	Category  int    // 1 system, 2 user, 3 other
	Type      int
	Retryable bool
}

// Statement is one that was started.
type Statement struct {
	ID        string
	SQL       string
	Workgroup string
	Token     string
	Stopped   bool
}

// Server is an http.Handler. Make it with New.
type Server struct {
	script Script

	mu       sync.Mutex
	queries  []*query
	throttle map[string]int
	lose     map[string]int
	page     int
}

type query struct {
	Statement
	answer Answer
	began  time.Time
	finish sync.Once
	failed *Error
}

// New makes a server that answers as script says.
func New(script Script) *Server {
	return &Server{script: script, throttle: map[string]int{}, lose: map[string]int{}, page: 1000}
}

// Throttle refuses the next n calls of an action.
func (s *Server) Throttle(action string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle[action] = n
}

// LoseAnswers does the next n calls of an action and then hangs up.
func (s *Server) LoseAnswers(action string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose[action] = n
}

// PageSize is how many rows a page has at most, the header included.
func (s *Server) PageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = n
}

// Statements are those that were started, in order.
func (s *Server) Statements() []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Statement, len(s.queries))
	for i, q := range s.queries {
		out[i] = q.Statement
	}
	return out
}

const target = "AmazonAthena."

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	action, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), target)
	body, err := io.ReadAll(r.Body)
	if err != nil || !ok {
		refuse(w, invalid("no Athena call"))
		return
	}
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		refuse(w, &refusal{kind: "SerializationException", message: err.Error()})
		return
	}
	if s.take(s.throttle, action) {
		refuse(w, &refusal{kind: "TooManyRequestsException", message: "Rate exceeded", extra: map[string]any{"Reason": "CONCURRENT_QUERY_LIMIT_EXCEEDED"}})
		return
	}
	out, bad := s.act(action, in)
	if s.take(s.lose, action) {
		hangUp(w)
		return
	}
	if bad != nil {
		refuse(w, bad)
		return
	}
	answer(w, http.StatusOK, out)
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = conn.Close() // the caller sees the end of it either way
}

func (s *Server) take(from map[string]int, action string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from[action] == 0 {
		return false
	}
	from[action]--
	return true
}

// input holds the members of all calls that matter.
type input struct {
	QueryString        string
	ClientRequestToken string
	WorkGroup          string
	QueryExecutionId   string
	QueryExecutionIds  []string
	NextToken          string
	MaxResults         int
}

type object = map[string]any

func (s *Server) act(action string, in input) (object, *refusal) {
	switch action {
	case "StartQueryExecution":
		return s.start(in)
	case "GetWorkGroup":
		return object{"WorkGroup": object{"Name": in.WorkGroup, "State": "ENABLED", "Configuration": object{"EnforceWorkGroupConfiguration": true}}}, nil
	case "BatchGetQueryExecution":
		return s.batch(in), nil
	}
	q := s.find(in.QueryExecutionId)
	switch action {
	case "GetQueryExecution", "GetQueryResults", "StopQueryExecution":
		if q == nil {
			return nil, invalid(fmt.Sprintf("QueryExecution %s was not found", in.QueryExecutionId))
		}
	}
	switch action {
	case "GetQueryExecution":
		return object{"QueryExecution": s.describe(q)}, nil
	case "GetQueryResults":
		return s.results(q, in)
	case "StopQueryExecution":
		s.stop(q)
		return object{}, nil
	}
	return nil, &refusal{kind: "UnknownOperationException", message: "the stand-in does not know " + action}
}

// start begins a statement, or finds the one that the token has begun.
func (s *Server) start(in input) (object, *refusal) {
	switch n := len(in.ClientRequestToken); {
	case in.QueryString == "":
		return nil, invalid("QueryString is empty")
	case len(in.QueryString) > 262_144:
		return nil, invalid("1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must have length less than or equal to 262144")
	case n > 0 && (n < 32 || n > 128):
		return nil, invalid("1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32 and less than or equal to 128")
	case in.WorkGroup == "":
		return nil, invalid("No output location provided. You did not provide an output location for your query results.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queries {
		if q.Token != "" && q.Token == in.ClientRequestToken {
			if q.SQL != in.QueryString {
				return nil, &refusal{kind: "InvalidRequestException", message: "Idempotent parameters do not match", code: "DUPLICATE_TOKEN"}
			}
			return object{"QueryExecutionId": q.ID}, nil
		}
	}
	q := &query{began: time.Now(), answer: s.script(in.QueryString), Statement: Statement{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.queries)+1), SQL: in.QueryString, Workgroup: in.WorkGroup, Token: in.ClientRequestToken,
	}}
	s.queries = append(s.queries, q)
	return object{"QueryExecutionId": q.ID}, nil
}

func (s *Server) find(id string) *query {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.queries, func(q *query) bool { return q.ID == id })
	if i < 0 {
		return nil
	}
	return s.queries[i]
}

func (s *Server) batch(in input) object {
	found, missing := []object{}, []object{}
	for _, id := range in.QueryExecutionIds {
		if q := s.find(id); q != nil {
			found = append(found, s.describe(q))
			continue
		}
		missing = append(missing, object{"QueryExecutionId": id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": "not found"})
	}
	return object{"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}
}

func (s *Server) stop(q *query) {
	if state, _ := s.state(q); state == "QUEUED" || state == "RUNNING" {
		s.mu.Lock()
		defer s.mu.Unlock()
		q.Stopped = true
	}
}

// state is where a query stands now.
func (s *Server) state(q *query) (string, *Error) {
	s.mu.Lock()
	stopped, began, a := q.Stopped, q.began, q.answer
	s.mu.Unlock()
	switch {
	case stopped:
		return "CANCELLED", &Error{Reason: "Query cancelled by user", Category: 2}
	case a.Delay < 0 || time.Since(began) < a.Delay:
		return "RUNNING", nil
	case a.Error != nil:
		return "FAILED", a.Error
	}
	q.finish.Do(func() {
		if a.Finish == nil {
			return
		}
		if err := a.Finish(); err != nil {
			q.failed = &Error{Reason: "GENERIC_INTERNAL_ERROR: " + err.Error(), Category: 1}
		}
	})
	if q.failed != nil {
		return "FAILED", q.failed
	}
	return "SUCCEEDED", nil
}

func (s *Server) describe(q *query) object {
	state, why := s.state(q)
	status := object{"State": state, "SubmissionDateTime": float64(q.began.UnixMilli()) / 1000}
	if why != nil {
		status["StateChangeReason"] = why.Reason
		status["AthenaError"] = object{"ErrorCategory": why.Category, "ErrorType": why.Type, "Retryable": why.Retryable, "ErrorMessage": why.Reason}
	}
	if state != "RUNNING" {
		status["CompletionDateTime"] = float64(time.Now().UnixMilli()) / 1000
	}
	return object{
		"QueryExecutionId": q.ID, "Query": q.SQL, "StatementType": kindOf(q.SQL), "WorkGroup": q.Workgroup, "Status": status,
		"ResultConfiguration":   object{"OutputLocation": "s3://results/" + q.ID + ".csv"},
		"QueryExecutionContext": object{},
		"EngineVersion":         object{"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
		"Statistics":            object{"DataScannedInBytes": q.answer.Scanned, "EngineExecutionTimeInMillis": time.Since(q.began).Milliseconds()},
	}
}

// kindOf is Athena's StatementType.
func kindOf(sql string) string {
	words := strings.Fields(strings.ToLower(sql))
	switch {
	case len(words) == 0:
		return "UTILITY"
	case words[0] == "show" || words[0] == "describe" || words[0] == "explain":
		return "UTILITY"
	case words[0] == "create" && slices.Contains(words, "table") && slices.Contains(words, "as"):
		return "DML"
	case slices.Contains([]string{"create", "alter", "drop", "msck"}, words[0]):
		return "DDL"
	}
	return "DML"
}

// reads says whether a statement gives rows under a header.
func reads(sql string) bool {
	word := strings.ToLower(strings.TrimLeft(sql, "( \n\t"))
	return strings.HasPrefix(word, "select") || strings.HasPrefix(word, "with") || strings.HasPrefix(word, "values")
}

func (s *Server) results(q *query, in input) (object, *refusal) {
	switch state, _ := s.state(q); state {
	case "SUCCEEDED":
	case "FAILED", "CANCELLED":
		return nil, invalid("Query did not finish successfully. Final query state: " + state)
	default:
		return nil, invalid("Query has not yet finished. Current state: " + state)
	}
	columns, rows := []object{}, []object{}
	header := []any{}
	for _, c := range q.answer.Columns {
		header = append(header, c.Name)
		columns = append(columns, object{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": c.Name, "Label": c.Name, "Type": c.Type,
			"Precision": c.Precision, "Scale": c.Scale, "Nullable": "UNKNOWN", "CaseSensitive": c.Type == "varchar"})
	}
	all := q.answer.Rows
	if reads(q.SQL) {
		all = append([][]any{header}, all...)
	}
	size := s.size(in.MaxResults)
	from, _ := strconv.Atoi(in.NextToken)
	from = min(from, len(all))
	to := min(from+size, len(all))
	for _, row := range all[from:to] {
		rows = append(rows, object{"Data": data(row)})
	}
	out := object{"UpdateCount": q.answer.Updated, "ResultSet": object{"Rows": rows, "ResultSetMetadata": object{"ColumnInfo": columns}}}
	if to < len(all) {
		out["NextToken"] = strconv.Itoa(to)
	}
	return out, nil
}

func (s *Server) size(asked int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked > 0 {
		return min(asked, s.page)
	}
	return s.page
}

func data(row []any) []object {
	out := make([]object, len(row))
	for i, v := range row {
		out[i] = object{}
		if v != nil {
			out[i]["VarCharValue"] = fmt.Sprint(v)
		}
	}
	return out
}
