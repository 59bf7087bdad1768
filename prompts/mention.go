package prompts

// Address turns the persons that a card mentions into users of the place where it will stand: id gives the surface's
// own id of a person, or "" where they have none, and they are then shown by name. Groups keep their names. The card
// given is not changed.
func Address(c Card, id func(person string) string) Card {
	line := func(l Line) Line {
		out := append(Line(nil), l...)
		for i, s := range out {
			switch {
			case s.Kind == Mention && s.ID != "":
				out[i].ID = id(s.ID)
			case s.Kind != Mention:
				out[i].ID, out[i].Ping = "", false
			}
		}
		return out
	}
	c.Title = line(c.Title)
	c.Blocks = append([]Block(nil), c.Blocks...)
	for i, b := range c.Blocks {
		switch b := b.(type) {
		case Para:
			c.Blocks[i] = Para{line(b.Line)}
		case Note:
			c.Blocks[i] = Note{line(b.Line)}
		case Facts:
			facts := append([]Fact(nil), b.Facts...)
			for k := range facts {
				facts[k].Value = line(facts[k].Value)
			}
			c.Blocks[i] = Facts{facts}
		}
	}
	return c
}
