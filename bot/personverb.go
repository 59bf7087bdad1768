package bot

// personVerb says what the buttons of answers to one person do: what messages could not open, flows to run on a
// message, rights that are asked for, cards that could not be posted.
func personVerb(verb string) (presser, bool) {
	switch verb {
	case verbLine:
		return (*Bot).pressLine, true
	case verbShort:
		return (*Bot).pressShort, true
	case verbPlead:
		return (*Bot).pressPlead, true
	case verbGrant, verbWithhold:
		return (*Bot).pressPlea, true
	case verbTryAgain:
		return (*Bot).pressTryAgain, true
	}
	return nil, false
}
