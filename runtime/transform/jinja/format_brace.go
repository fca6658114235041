package jinja

import (
	"strconv"
	"strings"
)

// braceFormat is text.format(*args, **kwargs).
func (s *State) braceFormat(format string, a Args) (Value, error) {
	f := &braceFormatter{state: s, args: a}
	out, err := f.format(format, 2)
	if err != nil {
		return nil, err
	}
	return out, s.grow(len(out))
}

type braceFormatter struct {
	state *State
	args  Args
	auto  int // next automatic number, -1 once numbers are given
}

// format replaces the fields; depth bounds fields within specifications.
func (f *braceFormatter) format(format string, depth int) (string, error) {
	if depth < 0 {
		return "", Errorf("ValueError", "Max string recursion exceeded")
	}
	var b strings.Builder
	for format != "" {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			b.WriteString(format)
			break
		}
		b.WriteString(format[:i])
		brace := format[i : i+1]
		format = format[i+1:]
		if strings.HasPrefix(format, brace) {
			b.WriteString(brace)
			format = format[1:]
			continue
		}
		if brace == "}" {
			return "", Errorf("ValueError", "Single '}' encountered in format string")
		}
		end := fieldEnd(format)
		if end < 0 {
			return "", Errorf("ValueError", "expected '}' before end of string")
		}
		out, err := f.field(format[:end], depth)
		if err != nil {
			return "", err
		}
		if b.WriteString(out); b.Len() > maxStringBytes {
			return "", f.state.grow(b.Len())
		}
		format = format[end+1:]
	}
	return b.String(), nil
}

// fieldEnd is where the closing brace of a field is, -1 if nowhere.
func fieldEnd(format string) int {
	depth := 1
	for i := range len(format) {
		switch format[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// field formats "name!conversion:spec".
func (f *braceFormatter) field(field string, depth int) (string, error) {
	name, spec, _ := strings.Cut(field, ":")
	name, conversion, converted := strings.Cut(name, "!")
	v, err := f.lookup(name)
	if err != nil {
		return "", err
	}
	if converted {
		switch conversion {
		case "r", "a":
			v = Repr(v)
		case "s":
			v = Str(v)
		default:
			return "", Errorf("ValueError", "Unknown conversion specifier %s", Repr(conversion))
		}
	}
	if strings.ContainsAny(spec, "{}") {
		if spec, err = f.format(spec, depth-1); err != nil {
			return "", err
		}
	}
	return f.state.formatValue(v, spec)
}

// lookup finds the value of "name.attribute[item]".
func (f *braceFormatter) lookup(name string) (Value, error) {
	first, rest := name, ""
	if i := strings.IndexAny(name, ".["); i >= 0 {
		first, rest = name[:i], name[i:]
	}
	v, err := f.argument(first)
	for rest != "" && err == nil {
		var key string
		attribute := rest[0] == '.'
		rest = rest[1:]
		if attribute {
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			key, rest = rest[:end], rest[end:]
			v, err = f.state.Attr(v, key)
			continue
		}
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return nil, Errorf("ValueError", "Missing ']' in format string")
		}
		key, rest = rest[:end], rest[end+1:]
		if rest != "" && rest[0] != '.' && rest[0] != '[' {
			return nil, Errorf("ValueError", "Only '.' or '[' may follow ']' in format field specifier")
		}
		v, err = f.state.Item(v, itemKey(key))
	}
	return v, err
}

func itemKey(key string) Value {
	if key != "" && isDigit(key[0]) {
		if i, ok := parseInt(key, 10); ok {
			return i
		}
	}
	return key
}

// argument is a field's first part: nothing (the next argument), a number or a name.
func (f *braceFormatter) argument(name string) (Value, error) {
	i, err := strconv.Atoi(name)
	switch {
	case name == "":
		if f.auto < 0 {
			return nil, Errorf("ValueError", "cannot switch from manual field specification to automatic field numbering")
		}
		i = f.auto
		f.auto++
	case err == nil && f.auto > 0:
		return nil, Errorf("ValueError", "cannot switch from automatic field numbering to manual field specification")
	case err == nil:
		f.auto = -1
	default:
		v, ok := f.args.Keyword(name)
		if !ok {
			return nil, Errorf("KeyError", "%s", Repr(name))
		}
		return v, nil
	}
	if i < 0 || i >= len(f.args.Pos) {
		return nil, Errorf("IndexError", "Replacement index %d out of range for positional args tuple", i)
	}
	return f.args.Pos[i], nil
}
