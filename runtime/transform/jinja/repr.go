package jinja

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// TypeName is Python's name of v's type, for messages.
func TypeName(v Value) string {
	switch x := v.(type) {
	case nil:
		return "NoneType"
	case string:
		return "str"
	case bool:
		return "bool"
	case int64, int, *big.Int:
		return "int"
	case float64:
		return "float"
	case *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case Range:
		return "range"
	case *Undefined:
		return "Undefined"
	case Typed:
		return x.TypeName()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", v), "*")
}

// Str is Python's str(v), which is what {{ v }} prints.
func Str(v Value) string {
	s, _ := text(v)
	return s
}

// Repr is Python's repr(v). What is nested too deeply is shown as "...".
func Repr(v Value) string {
	var p printer
	p.repr(v)
	return p.String()
}

// text is Str with an error for values that are nested too deeply or are too large.
func text(v Value) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case *Undefined:
		return "", nil
	case fmt.Stringer:
		if _, ok := v.(*big.Int); !ok {
			return x.String(), nil
		}
	}
	var p printer
	p.repr(v)
	return p.String(), p.err
}

// printer writes reprs; containers within themselves are "[...]", as in Python.
type printer struct {
	strings.Builder
	open []any // the containers being written
	err  error
}

func (p *printer) fail(kind, format string, a ...any) {
	p.WriteString("...")
	if p.err == nil {
		p.err = Errorf(kind, format, a...)
	}
}

func (p *printer) repr(v Value) {
	switch x := v.(type) {
	case nil:
		p.WriteString("None")
	case string:
		p.quote(x)
	case bool:
		if x {
			p.WriteString("True")
		} else {
			p.WriteString("False")
		}
	case int64:
		p.WriteString(strconv.FormatInt(x, 10))
	case int:
		p.WriteString(strconv.Itoa(x))
	case *big.Int:
		p.bigInt(x)
	case float64:
		p.WriteString(floatText(x))
	case *Undefined:
		p.WriteString("Undefined")
	case Range:
		p.WriteString(x.String())
	case *List, Tuple, *Dict, *Set, *dictView:
		p.container(v)
	case Representer:
		p.WriteString(x.Repr())
	case fmt.Stringer:
		p.WriteString(x.String())
	default:
		p.WriteString("<" + TypeName(v) + " object>")
	}
}

// bigInt refuses what Python refuses to print: ints of more than 4300 digits.
func (p *printer) bigInt(x *big.Int) {
	s := x.String()
	if len(s) > 4301 {
		p.fail("ValueError", "Exceeds the limit (4300 digits) for integer string conversion")
		return
	}
	p.WriteString(s)
}

func (p *printer) container(v Value) {
	if p.err != nil {
		return
	}
	if p.Len() > maxStringBytes {
		p.fail("MemoryError", "a value's text is over the limit of %d bytes", maxStringBytes)
		return
	}
	if len(p.open) > maxNesting {
		p.fail("RecursionError", "maximum recursion depth exceeded while getting the repr of an object")
		return
	}
	var self any
	if _, tuple := v.(Tuple); !tuple {
		self = v
		for _, o := range p.open {
			if o == self {
				p.WriteString(cyclic(v))
				return
			}
		}
	}
	p.open = append(p.open, self)
	p.contents(v)
	p.open = p.open[:len(p.open)-1]
}

func cyclic(v Value) string {
	if _, ok := v.(*List); ok {
		return "[...]"
	}
	return "{...}"
}

func (p *printer) contents(v Value) {
	switch x := v.(type) {
	case *List:
		p.items("[", x.Items, "]")
	case Tuple:
		if len(x) == 1 {
			p.items("(", x, ",)")
		} else {
			p.items("(", x, ")")
		}
	case *Dict:
		p.WriteByte('{')
		for i, k := range x.keys {
			if i > 0 {
				p.WriteString(", ")
			}
			p.repr(k)
			p.WriteString(": ")
			p.repr(x.values[i])
		}
		p.WriteByte('}')
	case *Set:
		if x.Len() == 0 {
			p.WriteString("set()")
		} else {
			p.items("{", x.members.keys, "}")
		}
	case *dictView:
		p.items(x.TypeName()+"([", x.Iter(), "])")
	}
}

func (p *printer) items(open string, items []Value, closing string) {
	p.WriteString(open)
	for i, x := range items {
		if i > 0 {
			p.WriteString(", ")
		}
		p.repr(x)
		if p.err != nil {
			break
		}
	}
	p.WriteString(closing)
}

// quote is repr(str): single quotes unless the text has those and no double ones.
func (p *printer) quote(s string) {
	q := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	p.WriteRune(q)
	for _, r := range s {
		switch {
		case r == '\\' || r == q:
			p.WriteByte('\\')
			p.WriteRune(r)
		case r == '\n':
			p.WriteString(`\n`)
		case r == '\t':
			p.WriteString(`\t`)
		case r == '\r':
			p.WriteString(`\r`)
		case r == ' ' || unicode.IsPrint(r):
			p.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(p, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(p, `\u%04x`, r)
		default:
			fmt.Fprintf(p, `\U%08x`, r)
		}
	}
	p.WriteRune(q)
}

// String is Python's repr of a range.
func (r Range) String() string {
	if r.Step != 1 {
		return fmt.Sprintf("range(%d, %d, %d)", r.Start, r.Stop, r.Step)
	}
	return fmt.Sprintf("range(%d, %d)", r.Start, r.Stop)
}
