package rest

import "strings"

// linkTarget finds the target of a relation in Link headers (RFC 8288,
// section 3): <https://host/items?page=2>; rel="next". "" if there is none.
func linkTarget(headers []string, rel string) string {
	for _, h := range headers {
		for rest := h; rest != ""; {
			var target string
			var rels []string
			target, rels, rest = nextLink(rest)
			for _, r := range rels {
				if strings.EqualFold(r, rel) {
					return target
				}
			}
		}
	}
	return ""
}

// nextLink reads one link-value and gives what follows it.
func nextLink(s string) (target string, rels []string, rest string) {
	open := strings.IndexByte(s, '<')
	if open < 0 {
		return "", nil, ""
	}
	target, s, ok := strings.Cut(s[open+1:], ">")
	if !ok {
		return "", nil, ""
	}
	seen := false
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] == ',' {
			return strings.TrimSpace(target), rels, strings.TrimPrefix(s, ",")
		}
		if s[0] != ';' {
			return "", nil, s[1:] // not a link header: look on
		}
		var name, value string
		name, value, s = linkParam(s[1:])
		if strings.EqualFold(name, "rel") && !seen { // a second rel is ignored, section 3.3
			rels, seen = strings.Fields(value), true
		}
	}
}

// linkParam reads name=value or name="value".
func linkParam(s string) (name, value, rest string) {
	end := strings.IndexAny(s, "=;,")
	if end < 0 || s[end] != '=' {
		if end < 0 {
			end = len(s)
		}
		return strings.TrimSpace(s[:end]), "", s[end:]
	}
	name = strings.TrimSpace(s[:end])
	s = strings.TrimLeft(s[end+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		end = strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return name, strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return name, b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return name, b.String(), ""
}
