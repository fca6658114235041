package project

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares lines with testdata/<name>.golden.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

// each makes one mistake after another in a file and gives the messages, each
// under the name of its case.
func each(t *testing.T, file string, cases []wrong) []string {
	t.Helper()
	var lines []string
	for _, tc := range cases {
		_, err := Load(broken(t, edit{file, tc.old, tc.new}))
		if err == nil {
			t.Errorf("%s: nothing is told", tc.name)
			continue
		}
		lines = append(lines, "# "+tc.name, err.Error())
	}
	return lines
}

func TestWrongSources(t *testing.T) {
	golden(t, "source", each(t, sourceFile, []wrong{
		{"an unknown key", "  timeout: 30s", "  tiemout: 30s"},
		{"no resources", "resources:\n  - name: customers", "xs:\n  - name: customers"},
		{"a var's name", "  deep: true", "  Deep: true"},
		{"a var's type", "  deep: true", "  deep: {a: b}"},
		{"a var's list", "[north, south]", "[north, 5]"},
		{"base URL without scheme", "https://api.example.org/v1", "api.example.org"},
		{"base URL in plain http", "https://api.example.org/v1", "http://api.example.org/v1"},
		{"base URL with a password", "https://api.example.org/v1", "https://u:p@api.example.org/v1"},
		{"base URL with a query", "https://api.example.org/v1", "https://api.example.org/v1?key=1"},
		{"base URL of a list", "base_url: \"{vars.base_url}\"", "base_url: \"{vars.shops}\""},
		{"base URL of an unknown var", "base_url: \"{vars.base_url}\"", "base_url: \"{vars.bse_url}\""},
		{"base URL of each", "base_url: \"{vars.base_url}\"", "base_url: \"https://{each.shop}.example.org\""},
		{"literal base URL", "base_url: \"{vars.base_url}\"", "base_url: ftp://example.org"},
		{"allowed hosts", "[cdn.example.org,", "[\"https://cdn.example.org/x\", \"*.example.org\","},
		{"a header's name", "User-Agent:", "\"User Agent\":"},
		{"a header twice", "    User-Agent: \"tests, page {vars.page}\"", "    User-Agent: a\n    user-agent: b\n    Host: c"},
		{"a header with each", "page {vars.page}", "page {each.page}"},
		{"auth of an unknown type", "  concurrency: 2", "  auth: {type: oauth}\n  concurrency: 2"},
		{"auth without type", "  concurrency: 2", "  auth: {name: X-Key}\n  concurrency: 2"},
		{"bearer with an api_key's keys", "  concurrency: 2", "  auth: {type: bearer, in: query, name: key, username: me}\n  concurrency: 2"},
		{"api_key with a user name", "  concurrency: 2", "  auth: {type: api_key, username: me}\n  concurrency: 2"},
		{"api_key's header", "  concurrency: 2", "  auth: {type: api_key, name: \"X Key\"}\n  concurrency: 2"},
		{"api_key in a header of every request", "  concurrency: 2", "  auth: {type: api_key, name: host}\n  concurrency: 2"},
		{"api_key's place", "  concurrency: 2", "  auth: {type: api_key, in: cookie}\n  concurrency: 2"},
		{"api_key in the query without name", "  concurrency: 2", "  auth: {type: api_key, in: query}\n  concurrency: 2"},
		{"api_key's parameter", "  concurrency: 2", "  auth: {type: api_key, in: query, name: \"a&b\"}\n  concurrency: 2"},
		{"http_basic without user", "  concurrency: 2", "  auth: {type: http_basic}\n  concurrency: 2"},
		{"http_basic with a password", "  concurrency: 2", "  auth: {type: http_basic, username: \"me:hidden\"}\n  concurrency: 2"},
		{"http_basic of an unknown var", "  concurrency: 2", "  auth: {type: http_basic, username: \"{vars.usr}\"}\n  concurrency: 2"},
		{"http_basic of each", "  concurrency: 2", "  auth: {type: http_basic, username: \"{each.shop}\"}\n  concurrency: 2"},
		{"a header that auth fills", "  headers:\n    User-Agent:", "  auth: {type: api_key, name: X-Key}\n  headers:\n    x-key: a\n    User-Agent:"},
		{"a parameter that auth fills", "  max_body: 64MiB\nresource_defaults:\n", "  auth: {type: api_key, in: query, name: key}\nresource_defaults:\n  params: {key: a}\n"},
		{"a secret in a header", "    User-Agent:", "    authorization: Bearer hidden\n    User-Agent:"},
		{"a secret in a parameter", "        size:", "        api_key: hidden\n        size:"},
		{"rate", "per_second: 2.5, burst: 5", "per_second: 0, burst: -1"},
		{"retry", "attempts: 3, min_wait: 100ms, max_wait: 10s", "attempts: 1000, min_wait: 1m, max_wait: 10s"},
		{"durations", "timeout: 30s", "timeout: 30"},
		{"a size", "64MiB", "64 MB of JSON"},
		{"a big size", "64MiB", "64GiB"},
		{"concurrency", "concurrency: 2", "concurrency: 200"},
		{"a path in the defaults", "resource_defaults:\n", "resource_defaults:\n  path: x\n"},
		{"a paginator's keys", "{type: json_link, next_url_path: $.next}", "{type: header_link, next_url_path: $.next}"},
		{"a paginator of one page", "{type: json_link, next_url_path: $.next}", "{type: single_page, next_url_path: $.next}"},
		{"a paginator without its cursor", "{type: json_link, next_url_path: $.next}", "{type: cursor, maximum_page: -1}"},
		{"a paginator's type", "type: json_link", "type: json-link"},
		{"an action", "{status_code: 404, action: skip}", "{status_code: 200, action: ignore}"},
		{"an action twice", "    - {status_code: 404, action: skip}", "    - {status_code: 404, action: skip}\n    - {status_code: 404, action: fail}"},
		{"a resource twice", "- name: months", "- name: orders"},
		{"a resource's name", "- name: months", "- name: Months-2"},
		{"a reserved name", "- name: months", "- name: x__rejected"},
		{"for_each of two", "{shop: \"{vars.shops}\"}", "{shop: \"{vars.shops}\", b: \"{vars.shops}\"}"},
		{"for_each of a text", "{shop: \"{vars.shops}\"}", "{shop: north}"},
		{"for_each of no list", "{shop: \"{vars.shops}\"}", "{shop: \"{vars.page}\"}"},
		{"for_each of an unknown var", "{shop: \"{vars.shops}\"}", "{shop: \"{vars.shop}\"}"},
		{"a placeholder's scope", "shops/{each.shop}", "shops/{eahc.shop}"},
		{"a placeholder's end", "shops/{each.shop}", "shops/{each.shop"},
		{"a lone brace", "shops/{each.shop}", "shops/each.shop}"},
		{"an unknown each", "shops/{each.shop}", "shops/{each.shpo}"},
		{"a parent's each", "customers/{resources.customers.id}/orders", "\"{each.shop}/{resources.customers.id}/orders\""},
		{"an unknown parent", "customers/{resources.customers.id}/orders", "\"{resources.customer.id}/orders\""},
		{"a parent without field", "customers/{resources.customers.id}/orders", "\"{resources.customers}/orders\""},
		{"two parents", "customers/{resources.customers.id}/orders", "\"{resources.customers.id}/{resources.months.id}\""},
		{"a placeholder without quotes", "customers/{resources.customers.id}/orders", "{resources.customers.id}/orders"},
		{"a placeholder alone without quotes", "customers/{resources.customers.id}/orders", "{resources.customers.id}"},
		{"its own parent", "customers/{resources.customers.id}/orders", "\"{resources.orders.id}\""},
		{"a circle", "      path: months\n", "      path: x/{resources.reports.id}\n"},
		{"a parent and for_each", "  - name: orders\n", "  - name: orders\n    for_each: {shop: \"{vars.shops}\"}\n"},
		{"a list in a path", "path: months", "path: \"{vars.shops}\""},
		{"a URL as a path", "path: months", "path: https://example.org/months"},
		{"a query in a path", "path: months", "path: months?x=1"},
		{"an unknown incremental", "{incremental.start_value}", "{incremental.start}"},
		{"request's cursor in row", "{incremental.start_value}", "{incremental.cursor}"},
		{"row's start in request", "\"{resources.months.url}\"", "\"{resources.months.url}/{incremental.start_value}\""},
		{"no incremental", "path: months", "path: months/{incremental.cursor}"},
		{"no initial value", ", initial_value: \"2024-01-01\", lag: 24h}", "}\n      headers: {X-Since: \"{incremental.initial_value}\"}"},
		{"a lag", "lag: 24h", "lag: a day"},
		{"a regex for rows", "lag: 24h", "cursor_regex: (a)"},
		{"a broken regex", "'/(\\d{4})$'", "'/(\\d{4}$'"},
		{"a regex without group", "'/(\\d{4})$'", "'/\\d{4}$'"},
		{"request without parent", "path: \"{resources.months.url}\"", "path: x"},
		{"include what is not there", "include_from_parent: [shop]", "include_from_parent: [sohp, x]"},
		{"a selector", "$.data[?(@.active==true)]", "$.data[?(@.active"},
		{"no contract", "- name: months\n    land: false", "- name: months"},
		{"merge without key", "cursor_regex: '/(\\d{4})$'}", "cursor_regex: '/(\\d{4})$'}\n    write_disposition: merge"},
		{"broken defaults are told once", "resource_defaults:\n", "resource_defaults:\n  params: {a: \"{vars.nix}\", b: \"{each.shop}\"}\n"},
		{"broken YAML tells nothing else", "kind: rest", "kind: [rest"},
	}))
}

func TestWrongContracts(t *testing.T) {
	golden(t, "contract", each(t, contractFile, []wrong{
		{"an unknown type", "type: long", "type: lnog"},
		{"a wide decimal", "decimal(12,2)", "decimal(38,10)"},
		{"no decimal", "decimal(12,2)", "decimal(4,5)"},
		{"a column's name", "name: joined", "name: joinedAt"},
		{"a reserved name", "name: joined", "name: _floe_load_id"},
		{"a column twice", "name: joined", "name: id"},
		{"a missing name", "{name: joined, type", "{type"},
		{"a format", "format: date", "format: iso"},
		{"a format of another type", "type: date, format: date", "type: string, format: date"},
		{"a key that is no column", "key: [shop, id]", "key: [shop, idd]"},
		{"a key that may be null", "key: [shop, id]", "key: [shop, joined]"},
		{"a key twice", "key: [shop, id]", "key: [shop, shop]"},
		{"a double key", "{name: id, type: long", "{name: id, type: double"},
		{"a json key", "{name: id, type: long", "{name: id, type: json"},
		{"a partition's form", "bucket(4, shop)", "bucket(shop)"},
		{"a partition's column", "bucket(4, shop)", "bucket(4, shpo)"},
		{"a partition's type", "bucket(4, shop)", "year(id)"},
		{"a partition by a string", "bucket(4, shop)", "shop"},
		{"a partition twice", "[\"bucket(4, shop)\"]", "[\"bucket(4, shop)\", \"bucket(8, shop)\"]"},
		{"a partition named like a column", "name: address__city", "name: shop_bucket"},
		{"a sort's form", "sort: [id]", "sort: [id down]"},
		{"a sort's column", "sort: [id]", "sort: [idx]"},
		{"a sort twice", "sort: [id]", "sort: [id, id desc]"},
		{"a rename of what is there", "from: address.town", "was_named: shop"},
		{"a rename to two", "format: date", "was_named: x}\n  - {name: other, type: string, was_named: x"},
		{"a tag", "sensitivity: personal", "\"PII-1\": x"},
		{"a tag's value", "sensitivity: personal", "pii: true"},
		{"an unknown sensitivity", "sensitivity: personal", "sensitivity: secret"},
		{"a column's domain", "sensitivity: personal", "domain: sales"},
		{"a retention", "retention: forever", "retention: 2y"},
		{"on break", "key: [shop, id]", "key: [shop, id]\non_break: {new_columns: evlove, bad_rows: drop}"},
		{"no columns", "columns:", "columns: []\ncolunms:"},
	}))
}

func TestWrongWorkflows(t *testing.T) {
	golden(t, "workflow", each(t, workflowFile, []wrong{
		{"a schedule", "cron(0 5 * * ? *)", "0 5 * * *"},
		{"a cron of five", "cron(0 5 * * ? *)", "cron(0 5 * * ?)"},
		{"a cron with two days", "cron(0 5 * * ? *)", "cron(0 5 1 * MON *)"},
		{"a cron's letters", "cron(0 5 * * ? *)", "cron(0 5 * * mon *)"},
		{"a rate", "cron(0 5 * * ? *)", "rate(1 hours)"},
		{"a step's name", "name: load", "name: Load it"},
		{"a step twice", "name: tidy", "name: build"},
		{"no act", "transform: {command: build, select: [\"+fct_orders\"]}", "timeout: 1h"},
		{"two acts", "transform: {command: build, select: [\"+fct_orders\"]}", "transform: {}\n    maintain: {}"},
		{"an empty act", "transform: {command: build, select: [\"+fct_orders\"]}", "transform:"},
		{"an unknown act", "transform: {command: build, select: [\"+fct_orders\"]}", "trasform: {}"},
		{"a command", "command: build", "command: biuld"},
		{"after what is not there", "after: [load, reports]", "after: [laod]"},
		{"after itself", "after: [load, reports]", "after: [build]"},
		{"a circle", "after: []", "after: [tidy]"},
		{"an unknown source", "source: shop, resources: [customers, orders]", "source: shops"},
		{"an unknown resource", "[customers, orders]", "[customer]"},
		{"a resource that does not land", "[customers, orders]", "[months]"},
		{"a timeout", "timeout: 2h", "timeout: 2 hours"},
		{"retries", "retries: 2", "retries: 20"},
		{"an age", "keep_snapshots: 168h", "keep_snapshots: 7d"},
		{"files of a write that goes on", "orphans_after: 96h", "orphans_after: 72h"},
		{"a step that takes days", "timeout: 2h", "timeout: 30h"},
		{"a schema", "[landing_shop]", "[Landing-Shop]"},
	}))
}
