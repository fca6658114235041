package jinja

import (
	"strings"
	"unicode/utf8"
)

// percentArgs hands out the values of a % formatting.
type percentArgs struct {
	tuple   Tuple
	mapping Value
	pos     int
}

func (p *percentArgs) next() (Value, error) {
	if p.pos >= len(p.tuple) {
		return nil, Errorf("TypeError", "not enough arguments for format string")
	}
	p.pos++
	return p.tuple[p.pos-1], nil
}

// percentFormat is text % v.
func (s *State) percentFormat(format string, v Value) (Value, error) {
	args := &percentArgs{mapping: v}
	if t, ok := v.(Tuple); ok {
		args.tuple = t
	} else {
		args.tuple = Tuple{v}
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		b.WriteString(format[:i])
		out, rest, err := s.conversion(format[i+1:], args)
		if err != nil {
			return nil, err
		}
		if b.WriteString(out); b.Len() > maxStringBytes {
			return nil, s.grow(b.Len())
		}
		format = rest
	}
	b.WriteString(format)
	if args.pos < len(args.tuple) && !isType[*Dict](v) && !isType[Mapping](v) {
		return nil, Errorf("TypeError", "not all arguments converted during string formatting")
	}
	return b.String(), s.grow(b.Len())
}

// conversion formats one specifier; format begins behind its percent sign.
func (s *State) conversion(format string, args *percentArgs) (out, rest string, err error) {
	if strings.HasPrefix(format, "%") {
		return "%", format[1:], nil
	}
	var value Value
	named := strings.HasPrefix(format, "(")
	if named {
		if value, format, err = percentKey(format, args.mapping); err != nil {
			return "", "", err
		}
	}
	f, format, err := s.percentSpec(format, args)
	if err != nil {
		return "", "", err
	}
	if !named {
		if value, err = args.next(); err != nil {
			return "", "", err
		}
	}
	out, err = f.convert(value)
	return out, format, err
}

// percentKey takes "(key)".
func percentKey(format string, mapping Value) (Value, string, error) {
	end := strings.IndexByte(format, ')')
	if end < 0 {
		return nil, "", Errorf("ValueError", "incomplete format key")
	}
	d, err := dictFrom(mapping)
	if err != nil {
		return nil, "", Errorf("TypeError", "format requires a mapping")
	}
	key := format[1:end]
	v, ok := d.GetString(key)
	if !ok {
		return nil, "", Errorf("KeyError", "%s", Repr(key))
	}
	return v, format[end+1:], nil
}

// percentSpec takes flags, width, precision and the conversion's letter.
func (s *State) percentSpec(format string, args *percentArgs) (formatSpec, string, error) {
	f := formatSpec{fill: ' ', align: '>', sign: '-', precision: -1}
	r := &specReader{format}
	zero, left := false, false
	for c := r.take("#0- +"); c != 0; c = r.take("#0- +") {
		switch c {
		case '#':
			f.alternate = true
		case '0':
			zero = true
		case '-':
			left = true
		default:
			f.sign = c
		}
	}
	var err error
	if f.width, err = r.starOrNumber(args); err != nil {
		return f, "", err
	}
	if r.take(".") != 0 {
		if f.precision, err = r.starOrNumber(args); err != nil {
			return f, "", err
		}
	}
	r.take("hlL")
	if r.rest == "" {
		return f, "", Errorf("ValueError", "incomplete format")
	}
	if left {
		f.align = '<'
	} else if zero {
		f.fill, f.align = '0', '='
	}
	f.kind = r.rest[0]
	return f, r.rest[1:], s.grow(f.width + max(f.precision, 0))
}

// starOrNumber is a number, or an argument for *.
func (r *specReader) starOrNumber(args *percentArgs) (int, error) {
	if r.take("*") == 0 {
		return r.number(), nil
	}
	v, err := args.next()
	if err != nil {
		return 0, err
	}
	n, ok := intOf(v)
	if !ok {
		return 0, Errorf("TypeError", "* wants int")
	}
	return int(min(max(n, 0), maxStringBytes+1)), nil
}

// convert formats the value for the conversion f.kind.
func (f formatSpec) convert(v Value) (string, error) {
	switch f.kind {
	case 's', 'r', 'a':
		t, err := text(v)
		if f.kind != 's' {
			t = Repr(v)
		}
		if f.precision >= 0 && utf8.RuneCountInString(t) > f.precision {
			t = string([]rune(t)[:f.precision])
		}
		if f.align == '=' {
			f.align = '>'
		}
		return pad(t, f.width, f.align, ' '), err
	case 'd', 'i', 'u':
		i, ok := Truncated(v)
		if isType[string](v) || !ok {
			return "", Errorf("TypeError", "%%%c format: a real number is required, not %s", f.kind, TypeName(v))
		}
		f.kind = 'd'
		return f.minimumDigits(i)
	case 'o', 'x', 'X':
		if !isInt(v) {
			return "", Errorf("TypeError", "%%%c format: an integer is required, not %s", f.kind, TypeName(v))
		}
		return f.minimumDigits(v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if !isNumber(v) {
			return "", Errorf("TypeError", "must be real number, not %s", TypeName(v))
		}
		return f.number(v)
	case 'c':
		if t, ok := v.(string); ok && utf8.RuneCountInString(t) == 1 {
			return pad(t, f.width, f.align, ' '), nil
		}
		if !isInt(v) {
			return "", Errorf("TypeError", "%%c requires int or char")
		}
		return f.number(v)
	}
	return "", Errorf("ValueError", "unsupported format character '%c' (0x%x)", f.kind, f.kind)
}

// minimumDigits formats an int, for which a precision is the least number of digits.
func (f formatSpec) minimumDigits(v Value) (string, error) {
	if f.precision < 0 {
		return f.number(v)
	}
	digits := f
	digits.width, digits.precision, digits.align, digits.fill = f.precision, -1, '=', '0'
	t, err := digits.number(v)
	if f.align == '=' {
		f.align = '>'
	}
	return pad(t, f.width, f.align, ' '), err
}
