package orchestrate

import (
	"encoding/json"
	"strconv"
	"strings"
)

// expression is a path, or an intrinsic function of expressions.
func (x *execution) expression(e string, data any) (any, *asError) {
	e = strings.TrimSpace(e)
	switch {
	case strings.HasPrefix(e, "$"):
		return x.find(e, data)
	case strings.HasPrefix(e, "'"):
		return strings.NewReplacer(`\'`, "'", `\{`, "{", `\}`, "}").Replace(e[1 : len(e)-1]), nil
	}
	if n, err := strconv.ParseFloat(e, 64); err == nil {
		return n, nil
	}
	name, rest, ok := strings.Cut(e, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		x.t.Fatalf("no expression: %s", e)
	}
	var args []any
	for _, a := range arguments(strings.TrimSuffix(rest, ")")) {
		v, err := x.expression(a, data)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return x.call(name, args)
}

func (x *execution) call(name string, args []any) (any, *asError) {
	switch name {
	case "States.Array":
		return args, nil
	case "States.JsonToString":
		return text(args[0]), nil
	case "States.MathAdd":
		return args[0].(float64) + args[1].(float64), nil
	case "States.MathRandom":
		return args[0].(float64) + float64(x.random.Intn(int(args[1].(float64)-args[0].(float64)))), nil
	case "States.ArrayGetItem":
		i, all := int(args[1].(float64)), args[0].([]any)
		if i >= len(all) {
			return nil, &asError{"States.IntrinsicFailure", name}
		}
		return all[i], nil
	case "States.Format":
		out := args[0].(string)
		if strings.Count(out, "{}") != len(args)-1 {
			return nil, &asError{"States.IntrinsicFailure", out}
		}
		for _, a := range args[1:] {
			out = strings.Replace(out, "{}", a.(string), 1)
		}
		return out, nil
	}
	x.t.Fatalf("no function %s", name)
	return nil, nil
}

// arguments splits at commas that are in no string and no function.
func arguments(s string) []string {
	var out []string
	depth, quoted, from := 0, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// commandOf is the Task in the command of a Fargate task's parameters.
func commandOf(parameters any) (Task, error) {
	var p struct {
		Overrides struct{ ContainerOverrides []struct{ Command []string } }
	}
	var t Task
	if err := json.Unmarshal([]byte(text(parameters)), &p); err != nil {
		return t, err
	}
	d := json.NewDecoder(strings.NewReader(p.Overrides.ContainerOverrides[0].Command[0]))
	d.DisallowUnknownFields()
	return t, d.Decode(&t)
}
