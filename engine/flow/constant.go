package flow

// Constant is the value as plain data (nil, bool, string, int, float64, []any, map[string]any) when there is no
// expression in it; ok is false otherwise. A nil value is nil.
func (v *Value) Constant() (x any, ok bool) {
	switch {
	case v == nil:
		return nil, true
	case v.Segments != nil:
		return nil, false
	case v.Map != nil:
		m := make(map[string]any, len(v.Map))
		for _, p := range v.Map {
			if m[p.Key], ok = p.Value.Constant(); !ok {
				return nil, false
			}
		}
		return m, true
	case v.List != nil:
		list := make([]any, len(v.List))
		for i, e := range v.List {
			if list[i], ok = e.Constant(); !ok {
				return nil, false
			}
		}
		return list, true
	}
	return v.Const, true
}

// Known is the members of a map that are constant, as plain data: what can be said about an input before it is
// rendered. Nil when v is no map.
func (v *Value) Known() map[string]any {
	if v == nil || v.Map == nil {
		return nil
	}
	m := make(map[string]any, len(v.Map))
	for _, p := range v.Map {
		if x, ok := p.Value.Constant(); ok {
			m[p.Key] = x
		}
	}
	return m
}
