package expr

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

// function is one function of the language. The parser hands every name( … ) to this table; what is not in it
// does not exist, whatever the library offers.
type function struct {
	Function
	args      string // kinds, as in "string integer? any..."; ? may be left out, ... any number of times
	min, max  int    // arguments; max -1 is any number
	kinds     []string
	result    string // what kind it gives, "" is unknown
	same      bool   // gives the kind of its first argument
	element   bool   // gives an element of its first argument
	condition bool   // its predicate must give true or false
	loop      func(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error)
	call      func(c *call) (any, error)
}

func (f *function) param(i int) string {
	if i < len(f.kinds) {
		return f.kinds[i]
	}
	return f.kinds[len(f.kinds)-1]
}

// library is never written after it is made.
var library = func() map[string]*function {
	all := map[string]*function{}
	for _, part := range [][]function{predicateFunctions(), listFunctions(), textFunctions(), numberFunctions(), objectFunctions(), codeFunctions(), timeFunctions(),
		formatFunctions(), patternFunctions(), dateFunctions(), dataFunctions()} {
		for i := range part {
			f := &part[i]
			for _, a := range strings.Fields(f.args) {
				kind := strings.TrimRight(a, "?.")
				if kind == "any" {
					kind = ""
				}
				f.kinds = append(f.kinds, kind)
				switch {
				case strings.HasSuffix(a, "..."):
					f.max = -1
				case strings.HasSuffix(a, "?"):
					f.max++
				default:
					f.min++
					f.max++
				}
			}
			all[f.Name] = f
		}
	}
	return all
}()

// absent says what to write in place of names that people will try.
var absent = map[string]string{
	"now":        "An expression knows no clock: use event.at",
	"timezone":   "The flow's own time zone is always used",
	"date":       "Write parseTime(text) or format(time, 'date')",
	"duration":   "Write addTime(time, '3d')",
	"toJSON":     "Write json(value)",
	"toBase64":   "Write base64(text)",
	"get":        `Write value["name"]: what is missing is nil`,
	"hasPrefix":  "Write text startsWith start",
	"hasSuffix":  "Write text endsWith end",
	"mean":       "Write sum(list) / len(list)",
	"secret":     "Name the secret in the field that takes it; expressions never see secrets",
	"uuid":       "Expressions give the same result each time: use run.id",
	"random":     "Expressions give the same result each time: use run.id",
	"rand":       "Expressions give the same result each time: use run.id",
	"contains":   "Write text contains part",
	"startsWith": "Write text startsWith start",
	"endsWith":   "Write text endsWith end",
	"parseJSON":  "Write fromJSON(text)",
	"stringify":  "Write json(value)",
	"parseDate":  "Write parseTime(text)",
	"capitalize": "Write titleCase(text)",
	"stripHTML":  "Write plainText(html)",
	"matchAll":   "Write extractAll(text, pattern)",
	"formatDate": "Write format(time, layout, zone?)",
	"substring":  "Write slice(text, from, to?)",
	"range":      "Write 1..10",
	"diff":       "Write diffTime(from, to, unit)",
}

// Functions lists every function of the language, sorted by name.
func Functions() []Function {
	out := make([]Function, 0, len(library))
	for _, name := range sortedKeys(library) {
		out = append(out, library[name].Function)
	}
	return out
}

// call is one call of a function under way.
type call struct {
	m    *machine
	n    ast.Node
	f    *function
	src  []ast.Node
	args []any
}

func (m *machine) call(n ast.Node, name string, args []ast.Node) (any, error) {
	f := m.x.functions[name]
	if f == nil {
		return nil, m.fail(n, "", "there is no function {name}", "name", name)
	}
	if f.loop != nil {
		v, err := m.eval(args[0])
		if err != nil {
			return nil, err
		}
		list, err := m.list(args[0], name, v)
		if err != nil {
			return nil, err
		}
		return f.loop(m, n, list, args[1:])
	}
	c := &call{m: m, n: n, f: f, src: args, args: make([]any, len(args))}
	for i, a := range args {
		v, err := m.eval(a)
		if err != nil {
			return nil, err
		}
		c.args[i] = v
		switch x := v.(type) {
		case string:
			err = m.read(a, len(x))
		case []any:
			err = m.spend(a, len(x))
		case map[string]any:
			err = m.spend(a, len(x))
		}
		if err != nil {
			return nil, err
		}
	}
	return f.call(c)
}

// list is v as a list; nil is the empty one.
func (m *machine) list(at ast.Node, name string, v any) ([]any, error) {
	switch l := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return l, nil
	}
	return nil, m.fail(at, "", "{name} needs a list here, this is {kind}", "name", name, "kind", kindOf(v))
}

func (c *call) has(i int) bool { return i < len(c.args) }

func (c *call) fail(i int, hint, msg string, args ...any) error {
	at := c.n
	if i < len(c.src) {
		at = c.src[i]
	}
	return c.m.fail(at, hint, msg, append(args, "name", c.f.Name)...)
}

func (c *call) wrong(i int, wanted string) error {
	hint := ""
	if c.args[i] == nil {
		hint = `Say what to take instead, as in (x ?? "")`
	}
	return c.fail(i, hint, "{name} needs {wanted} here, this is {kind}", "wanted", wanted, "kind", kindOf(c.args[i]))
}

func (c *call) list(i int) ([]any, error) { return c.m.list(c.src[i], c.f.Name, c.args[i]) }

func (c *call) text(i int) (string, error) {
	if s, ok := c.args[i].(string); ok {
		return s, nil
	}
	return "", c.wrong(i, "text")
}

// texts is all arguments as text; those left out are "".
func (c *call) texts() (out [3]string, err error) {
	for i := range c.args {
		if out[i], err = c.text(i); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (c *call) whole(i int) (int, error) {
	if n, ok := c.args[i].(int); ok {
		return n, nil
	}
	return 0, c.wrong(i, "a whole number")
}

// made counts a finished text.
func (c *call) made(s string) (any, error) { return s, c.m.grow(c.n, len(s)) }

// encoded is v's canonical JSON text, its size counted before it is made.
func (c *call) encoded(i int, v any) (string, error) {
	v, err := c.m.result(c.src[i], v)
	if err != nil {
		return "", err
	}
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return "", c.fail(i, "", "this cannot be written as JSON")
	}
	return string(b), c.m.grow(c.n, len(b))
}
