package edit

// set makes the value at p say v, touching no more than it must: keys and items that say the same keep their bytes.
// rank gives the order of keys of the map at p itself; nil: new keys come after the one before them in v.
func (d *doc) set(p path, v any, rank func(string) int) error {
	old := d.get(p)
	if Equal(old, v) && !reordered(p, old, v) {
		return nil
	}
	before := *d
	var err error
	switch x := v.(type) {
	case Map:
		m, ok := old.(Map)
		if !ok || len(m) == 0 || len(x) == 0 || reordered(p, old, v) {
			return d.replace(p, v)
		}
		err = d.setMap(p, m, x, rank)
	case []any:
		list, ok := old.([]any)
		if !ok || len(list) == 0 || len(x) == 0 {
			return d.replace(p, v)
		}
		err = d.setList(p, list, x)
	default:
		return d.replace(p, v)
	}
	if err != nil && len(p) > 0 {
		*d = before
		return d.replace(p, v)
	}
	return err
}

// reordered reports whether the same keys come in another order where order means something.
func reordered(p path, old, v any) bool {
	if len(p) == 0 {
		return false
	}
	if key := p[len(p)-1]; key != "set" && key != "fields" {
		return false
	}
	a, ok1 := old.(Map)
	b, ok2 := v.(Map)
	if !ok1 || !ok2 {
		return false
	}
	at := -1
	for _, pair := range b {
		if i := a.index(pair.Key); i >= 0 {
			if i < at {
				return true
			}
			at = i
		}
	}
	return false
}

func (d *doc) setMap(p path, old, v Map, rank func(string) int) error {
	for _, pair := range old {
		if v.index(pair.Key) >= 0 {
			continue
		}
		if m, _ := d.get(p).(Map); len(m) == 1 {
			continue // the last one goes when the new ones are in, so that the map never is empty
		}
		if err := d.removeKey(p, pair.Key); err != nil {
			return err
		}
	}
	for i, pair := range v {
		now, _ := d.get(p).(Map)
		if now.index(pair.Key) >= 0 {
			if err := d.set(p.to(pair.Key), pair.Value, nil); err != nil {
				return err
			}
			continue
		}
		at := 0
		if rank != nil {
			for k, q := range now {
				if rank(q.Key) <= rank(pair.Key) {
					at = k + 1
				}
			}
		} else if i > 0 {
			at = now.index(v[i-1].Key) + 1
		}
		if err := d.insertKey(p, at, pair.Key, pair.Value); err != nil {
			return err
		}
	}
	now, _ := d.get(p).(Map)
	for _, pair := range now {
		if v.index(pair.Key) < 0 {
			if err := d.removeKey(p, pair.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// setList keeps the items that begin and end both lists.
func (d *doc) setList(p path, old, v []any) error {
	head := 0
	for head < len(old) && head < len(v) && Equal(old[head], v[head]) {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(v)-head && Equal(old[len(old)-1-tail], v[len(v)-1-tail]) {
		tail++
	}
	both := min(len(old), len(v)) - tail
	for i := head; i < both; i++ {
		var by func(string) int
		if m, ok := v[i].(Map); ok && blockAt(p) {
			by = stepRank(m)
		}
		if err := d.set(p.to(i), v[i], by); err != nil {
			return err
		}
	}
	for i := max(both, head); i < len(v)-tail; i++ {
		if err := d.insertItem(p, i, v[i]); err != nil {
			return err
		}
	}
	for i := len(old) - tail - 1; i >= max(both, head); i-- {
		if err := d.removeItem(p, i); err != nil {
			return err
		}
	}
	return nil
}
