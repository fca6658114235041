package athenatest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCalls(t *testing.T) {
	s := New(func(sql string) Answer {
		if sql == "select slow" {
			return Answer{Delay: -1}
		}
		return Answer{Columns: []Column{{Name: "n", Type: "bigint"}}, Rows: [][]any{{1}, {nil}, {""}}, Scanned: 5}
	})
	web := httptest.NewServer(s)
	defer web.Close()
	s.PageSize(3)
	const first, second = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
	for _, tc := range []struct {
		action, body string
		status       int
		want         string
	}{
		{"ListDatabases", `{}`, 400, `"__type":"UnknownOperationException"`},
		{"GetWorkGroup", `{"WorkGroup":"floe-dev"}`, 200, `"State":"ENABLED"`},
		{"StartQueryExecution", `{"QueryString":"select 1"}`, 400, "No output location provided"},
		{"StartQueryExecution", `{"QueryString":"select 1","WorkGroup":"w","ClientRequestToken":"short"}`, 400, "greater than"},
		{"StartQueryExecution", `{"QueryString":"select 1","WorkGroup":"w","ClientRequestToken":"token-token-token-token-token-12"}`, 200, first},
		{"StartQueryExecution", `{"QueryString":"select 1","WorkGroup":"w","ClientRequestToken":"token-token-token-token-token-12"}`, 200, first},
		{"StartQueryExecution", `{"QueryString":"select 2","WorkGroup":"w","ClientRequestToken":"token-token-token-token-token-12"}`, 400, "Idempotent"},
		{"StartQueryExecution", `{"QueryString":"select slow","WorkGroup":"w"}`, 200, second},
		{"GetQueryExecution", `{"QueryExecutionId":"` + first + `"}`, 200, `"State":"SUCCEEDED"`},
		{"GetQueryResults", `{"QueryExecutionId":"` + first + `"}`, 200, `"Rows":[{"Data":[{"VarCharValue":"n"}]},{"Data":[{"VarCharValue":"1"}]},{"Data":[{}]}]`},
		{"GetQueryResults", `{"QueryExecutionId":"` + first + `","NextToken":"3"}`, 200, `"Rows":[{"Data":[{"VarCharValue":""}]}]`},
		{"GetQueryResults", `{"QueryExecutionId":"` + second + `"}`, 400, "has not yet finished"},
		{"StopQueryExecution", `{"QueryExecutionId":"` + second + `"}`, 200, `{}`},
		{"GetQueryExecution", `{"QueryExecutionId":"` + second + `"}`, 200, `"State":"CANCELLED"`},
		{"BatchGetQueryExecution", `{"QueryExecutionIds":["` + first + `","x"]}`, 200, `"UnprocessedQueryExecutionIds":[{`},
		{"GetQueryExecution", `{"QueryExecutionId":"x"}`, 400, `"__type":"InvalidRequestException"`},
	} {
		r, err := http.NewRequest(http.MethodPost, web.URL, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AmazonAthena."+tc.action)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != tc.status || !strings.Contains(string(body), tc.want) || !json.Valid(body) {
			t.Errorf("%s %s: %d %s, want %d and %s", tc.action, tc.body, answer.StatusCode, body, tc.status, tc.want)
		}
	}
	if list := s.Statements(); len(list) != 2 || !list[1].Stopped || list[0].Stopped {
		t.Errorf("statements %+v", list)
	}
}
