package athena

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/fault"
)

// QueryError is a query that Athena did not bring to a good end.
type QueryError struct {
	ID        string
	State     string // FAILED or CANCELLED
	Reason    string // Athena's
	Line      string // the statement's line that the reason names, else its beginning
	Retryable bool   // it may succeed if it is run again
}

func (q *QueryError) Error() string {
	s := fmt.Sprintf("Athena query %s %s: %s", q.ID, strings.ToLower(q.State), q.Reason)
	if q.Line != "" {
		s += "\n    " + q.Line
	}
	return s
}

var place = regexp.MustCompile(`\bline (\d+):(\d+)`)

const excerptLength = 160

// excerpt is the line of a statement that a reason names, or its beginning.
func excerpt(sql, reason string) string {
	lines := strings.Split(sql, "\n")
	at := 0
	if m := place.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			at = n - 1
		}
	}
	line := strings.TrimSpace(lines[at])
	if r := []rune(line); len(r) > excerptLength {
		return string(r[:excerptLength]) + "…"
	}
	return line
}

// wrongs begin the reasons of statements that cannot run as they are written.
var wrongs = regexp.MustCompile(`^(SYNTAX_ERROR|COLUMN_NOT_FOUND|TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|FUNCTION_NOT_FOUND|TYPE_NOT_FOUND|TYPE_MISMATCH|` +
	`AMBIGUOUS_NAME|AMBIGUOUS_FUNCTION_CALL|DUPLICATE_COLUMN_NAME|MISMATCHED_COLUMN_ALIASES|MISSING_[A-Z_]+|EXPRESSION_[A-Z_]+|INVALID_[A-Z_]+|` +
	`NOT_SUPPORTED|NESTED_[A-Z_]+|COLUMN_TYPE_UNKNOWN|FAILED: ParseException|Queries of this type are not supported|line \d+:\d+:)`)

// advice says what to do about reasons that name no remedy.
var advice = []struct {
	reason *regexp.Regexp
	kind   fault.Kind
	next   string
}{
	{regexp.MustCompile(`TOO_MANY_OPEN_PARTITIONS|Exceeded limit of \d+ open writers|more than 100 (unique )?partitions`), fault.Usage,
		"one Athena query writes at most 100 partitions: partition more coarsely (month instead of day, fewer buckets), or make the model incremental and build it in ranges of fewer"},
	{regexp.MustCompile(`(?i)bytes scanned limit`), fault.Failed,
		"read less (a partition's range, fewer columns), or raise athena.mb_per_query in live/<stack>/platform.yaml"},
	{regexp.MustCompile(`(?i)exhausted resources`), fault.Failed, "build the model in smaller parts: fewer columns to sort or join by, an incremental model, or an intermediate table"},
	{regexp.MustCompile(`(?i)insufficient (lake formation )?permission|access ?denied|not authorized`), fault.Failed,
		"the transform role lacks a right on what the query reads or writes: look at live/<stack>/access.yaml, then deploy again"},
	{regexp.MustCompile(`(?i)timestamp precision`), fault.Usage, "write cast(x as timestamp(6)), or timestamp(6) with time zone"},
}

// conflict begins the reasons of writes that another commit came before: nothing
// of them is in the table.
var conflict = regexp.MustCompile(`ICEBERG_COMMIT_ERROR|TRANSACTION_CONFLICT`)

// failure makes the error of a query that failed or was stopped by others.
func (e *Engine) failure(id, sql string, s *types.QueryExecutionStatus) error {
	q := &QueryError{ID: id, State: string(s.State), Reason: strings.TrimSpace(aws.ToString(s.StateChangeReason))}
	if a := s.AthenaError; a != nil {
		q.Retryable = a.Retryable
		if q.Reason == "" {
			q.Reason = aws.ToString(a.ErrorMessage)
		}
	}
	if q.Reason == "" {
		q.Reason = "it gives no reason"
	}
	q.Retryable = q.Retryable || conflict.MatchString(q.Reason)
	q.Line = excerpt(sql, q.Reason)
	for _, a := range advice {
		if a.reason.MatchString(q.Reason) {
			return fault.New(a.kind, q, a.next)
		}
	}
	if wrongs.MatchString(q.Reason) {
		return fault.New(fault.Usage, q, "")
	}
	return q
}

// refused makes the error of a statement that Athena did not take.
func (e *Engine) refused(err error) error {
	err = fmt.Errorf("submit to Athena's workgroup %s: %w", e.workgroup, err)
	var invalid *types.InvalidRequestException
	var busy *types.TooManyRequestsException
	var api smithy.APIError
	switch {
	case errors.As(err, &invalid) && aws.ToString(invalid.AthenaErrorCode) == "MALFORMED_QUERY":
		return fault.New(fault.Usage, err, "")
	case errors.As(err, &busy):
		return fault.New(fault.Failed, err, "Athena's quota of running and queued queries is used up: run again later, run fewer nodes at once, or ask AWS for more")
	case errors.As(err, &api) && strings.Contains(api.ErrorCode(), "AccessDenied"):
		return fault.New(fault.Failed, err, "the role lacks athena:StartQueryExecution on the workgroup: deploy the stack again")
	case unanswered(err):
		return fault.New(fault.Failed, fmt.Errorf("whether the query runs is not known: %w", err),
			"look whether it does before you run it again: aws athena list-query-executions --work-group "+e.workgroup)
	}
	return err
}

func tooLong(sql string) error {
	return fault.New(fault.Usage, fmt.Errorf("the statement is %d bytes long and Athena takes %d: %s", len(sql), maxStatement, excerpt(sql, "")),
		"split the model: an intermediate model, or a seed or table in place of literals in the SQL")
}
