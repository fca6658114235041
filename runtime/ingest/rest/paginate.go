package rest

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/floe-data/floe/runtime/project"
)

// paginator finds the request for the next page.
type paginator struct {
	kind     string
	next     selector // json_link: the URL; cursor: the value; page_number: how many pages there are
	rel      string   // header_link
	param    string   // page_number, cursor
	base     int      // page_number: the first page
	maximum  int      // page_number: the last page that is asked for, 0: no limit
	hasTotal bool
}

// The kinds of a paginator.
const (
	singlePage = "single_page"
	jsonLink   = "json_link"
	headerLink = "header_link"
	pageNumber = "page_number"
	cursorPage = "cursor"
)

func newPaginator(p *project.Paginator) (paginator, error) {
	if p == nil || p.Type == "" {
		return paginator{kind: singlePage}, nil
	}
	out := paginator{kind: p.Type, rel: p.LinksNext, base: 1, maximum: p.MaximumPage}
	path := ""
	switch p.Type {
	case singlePage:
	case jsonLink:
		path = or(p.NextURLPath, "next")
	case headerLink:
		out.rel = or(p.LinksNext, "next")
	case pageNumber:
		out.param, path, out.hasTotal = or(p.PageParam, "page"), p.TotalPath, p.TotalPath != ""
		if p.BasePage != nil {
			out.base = *p.BasePage
		}
	case cursorPage:
		out.param, path = or(p.CursorParam, "cursor"), p.CursorPath
		if path == "" {
			return out, fmt.Errorf("paginator cursor: write cursor_path, the JSONPath of the next cursor")
		}
	default:
		return out, fmt.Errorf("paginator %q: write single_page, json_link, header_link, page_number or cursor", p.Type)
	}
	if path == "" {
		return out, nil
	}
	var err error
	if out.next, err = parseSelector(path); err != nil {
		return out, fmt.Errorf("paginator %s: %w", p.Type, err)
	}
	return out, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// first is the request for the first page.
func (p paginator) first(u *url.URL) *url.URL {
	if p.kind == pageNumber {
		return withParam(u, p.param, strconv.Itoa(p.base))
	}
	return u
}

// page is what a paginator knows of the page that came.
type page struct {
	number  int // of the page in its chain, from 0
	records int
	request *url.URL
	cursor  string // that was asked with
	answer  *answer
}

// after gives the URL of the page after p, nil if there is none.
func (p paginator) after(at page) (*url.URL, string, error) {
	switch p.kind {
	case jsonLink:
		link, err := p.next.first(at.answer.body)
		if err != nil || link == "" {
			return nil, "", err
		}
		return p.link(at, link)
	case headerLink:
		link := linkTarget(at.answer.header.Values("Link"), p.rel)
		if link == "" {
			return nil, "", nil
		}
		return p.link(at, link)
	case pageNumber:
		u, err := p.nextNumber(at)
		return u, "", err
	case cursorPage:
		cursor, err := p.next.first(at.answer.body)
		if err != nil || cursor == "" {
			return nil, "", err
		}
		if cursor == at.cursor {
			return nil, "", fmt.Errorf("the answer names its own cursor %q as the next: stopped, for it would never end", cursor)
		}
		return withParam(at.request, p.param, cursor), cursor, nil
	}
	return nil, "", nil
}

// link resolves a link to the next page against the page's own URL.
func (p paginator) link(at page, link string) (*url.URL, string, error) {
	u, err := at.answer.url.Parse(link)
	if err != nil {
		return nil, "", fmt.Errorf("the link to the next page %q: %w", link, err)
	}
	if u.String() == at.request.String() {
		return nil, "", fmt.Errorf("the answer of %s names itself as the next page: stopped, for it would never end", display(u))
	}
	return u, "", nil
}

func (p paginator) nextNumber(at page) (*url.URL, error) {
	number := p.base + at.number + 1
	if p.maximum > 0 && number > p.maximum {
		return nil, nil
	}
	if p.hasTotal {
		text, err := p.next.first(at.answer.body)
		if err != nil {
			return nil, err
		}
		total, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("paginator page_number: total_path gave %q, which is not a number of pages", text)
		}
		if number-p.base >= total {
			return nil, nil
		}
	} else if at.records == 0 {
		return nil, nil
	}
	return withParam(at.request, p.param, strconv.Itoa(number)), nil
}

func withParam(u *url.URL, name, value string) *url.URL {
	out := *u
	q := out.Query()
	q.Set(name, value)
	out.RawQuery = q.Encode()
	return &out
}
