package edit

// Op is one change. The set is closed.
type Op interface{ op() }

// SetTop sets a setting of the flow itself ("title", "channel", "limits"); a nil Value removes it.
type SetTop struct {
	Key   string
	Value any
}

// SetTrigger sets what starts the flow and its settings; all else of the trigger stays.
type SetTrigger struct {
	On   string
	With Map // nil: none
}

// SetTriggerPart sets "when", "key", "debounce", "batch" or "expect" of the trigger; a nil Value removes it.
type SetTriggerPart struct {
	Part  string
	Value any
}

// AddStep adds a step. Keys are written in the usual order, whatever Step's. A step that does something and comes
// right after an approval with the placeholder `covers: [next]` (or `edit: [next.field]`) takes the placeholder's
// place there.
type AddStep struct {
	In    string // "" is the flow; else STEP/BLOCK: if_3/then, if_3/else, each_2/steps, try_1/try, switch_1/case:0 (the first)
	After string // id of the step before it in the same block; "" makes it the first
	Step  Map
}

// ReplaceStep makes a step what Step says: parts that say the same keep their bytes, keys that Step lacks go. A new
// id leaves references to the old one; see RenameStep.
type ReplaceStep struct {
	ID   string
	Step Map
}

// MoveStep moves a step by some places within its block, comments above it included; it stops at the ends.
type MoveStep struct {
	ID string
	By int
}

// RemoveStep removes a step with what is in it, the comments directly above it and the one at its end.
type RemoveStep struct{ ID string }

// RenameStep gives a step another id everywhere: in covers and edit lists and wherever an expression says steps.ID.
type RenameStep struct{ ID, To string }

// ResolveNext replaces the placeholder `next` in an approval's covers and edit by the next step that does something
// in its block; it changes nothing where there is none.
type ResolveNext struct{ ID string }

func (SetTop) op()         {}
func (SetTrigger) op()     {}
func (SetTriggerPart) op() {}
func (AddStep) op()        {}
func (ReplaceStep) op()    {}
func (MoveStep) op()       {}
func (RemoveStep) op()     {}
func (RenameStep) op()     {}
func (ResolveNext) op()    {}

// Head is what a flow begins with. Empty parts are not written.
type Head struct {
	Name, Title, Channel, Timezone string
	On                             string // name of the trigger
}
