package expr

// Why explains why a condition is false on in: the first part of an && chain that does not hold, with its value:
// `action is "labeled", wanted "opened"`. It is "" when the condition holds, and the error's text when it cannot
// be worked out.
func (x *Expr) Why(in Input) string { return "" }
