package jinja

// expr is an expression, stmt a statement. Both are immutable once parsed.
type expr interface {
	eval(sc *scope) (Value, error)
}

type stmt interface {
	exec(sc *scope, out *output) error
}

type (
	constExpr struct{ value Value }
	nameExpr  struct {
		name string
		line int
	}
	listExpr  struct{ items []expr }
	tupleExpr struct{ items []expr }
	dictExpr  struct {
		keys, values []expr
		line         int
	}
	attrExpr struct {
		object expr
		name   string
		line   int
	}
	itemExpr struct {
		object, key expr
		line        int
	}
	// sliceExpr is the key of an itemExpr: x[from:to:step].
	sliceExpr struct{ from, to, step expr }
	// argList are a call's arguments; star and starstar are *x and **x.
	argList struct {
		pos            []expr
		kw             []kwExpr
		star, starstar expr
	}
	kwExpr struct {
		name  string
		value expr
	}
	callExpr struct {
		callee expr
		args   argList
		line   int
	}
	// filterExpr is in|name(args); in is nil where a block's text goes in.
	filterExpr struct {
		in   expr
		name string
		args argList
		line int
	}
	testExpr struct {
		in   expr
		name string
		args argList
		line int
	}
	condExpr  struct{ cond, then, otherwise expr }
	logicExpr struct {
		and         bool
		left, right expr
	}
	notExpr  struct{ operand expr }
	signExpr struct {
		operand expr
		minus   bool
		line    int
	}
	// compareExpr is a chain: first ops[0] rest[0] ops[1] rest[1] ...
	compareExpr struct {
		first expr
		ops   []string
		rest  []expr
		line  int
	}
	binaryExpr struct {
		op          string
		left, right expr
		line        int
	}
	concatExpr struct{ parts []expr }
)

type (
	dataStmt  struct{ text string }
	printStmt struct {
		value expr
		line  int
	}
	ifStmt struct {
		conds     []expr
		bodies    [][]stmt
		otherwise []stmt
		line      int
	}
	forStmt struct {
		target          expr
		iterable, where expr
		body, otherwise []stmt
		recursive       bool
		line            int
	}
	setStmt struct {
		target, value expr
		line          int
	}
	// blockStmt is {% set x %}, {% filter %}: a body whose text passes filters and
	// is assigned, or printed where target is nil.
	blockStmt struct {
		target  expr
		filters []*filterExpr
		body    []stmt
		line    int
	}
	doStmt struct {
		value expr
		line  int
	}
	withStmt struct {
		targets, values []expr
		body            []stmt
		line            int
	}
	callStmt struct {
		call   *callExpr
		caller *macroStmt
		line   int
	}
	// groupStmt is a tag without a meaning of its own: snapshot, docs, autoescape.
	groupStmt struct{ body []stmt }
	loopStmt  struct{ signal loopSignal }
	macroStmt struct {
		name     string
		params   []string
		defaults []expr // of the last parameters
		body     []stmt
		// which of the implicit parameters the body uses
		varargs, kwargs, caller bool
		line                    int
	}
)
