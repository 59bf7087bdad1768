package engine

// Person is one human. Votes and rights belong to persons, whatever surface they speak from.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`               // short, unique, as after "@"; letters, digits, dash, dot, underscore
	Role     Role   `json:"role"`               // everywhere; a channel may give more
	Lang     string `json:"lang,omitempty"`     // "en" or "fr"; "" follows the surface
	Timezone string `json:"timezone,omitempty"` // IANA name; "" is the installation's
	Created  int64  `json:"created"`
}

// Identity is a user id on a surface, proven to belong to a person.
type Identity struct {
	Surface   string `json:"surface"`
	Workspace string `json:"workspace"` // "" on the console
	User      string `json:"user"`
	Person    string `json:"person"`
}

// Role is a level of rights. Each includes the ones before it, except that Approver is not Builder's lesser:
// viewer < runner < builder < admin, and approver beside builder.
type Role string

// The roles. NoRole may do nothing.
const (
	NoRole   Role = ""
	Viewer   Role = "viewer"   // see flows and runs
	Runner   Role = "runner"   // start flows, retry
	Builder  Role = "builder"  // change and publish flows
	Approver Role = "approver" // decide automatic gates
	Admin    Role = "admin"    // everything, people and secrets included
)

// ParseRole reads a role's name; the error is Invalid.
func ParseRole(name string) (Role, error) {
	switch r := Role(name); r {
	case Viewer, Runner, Builder, Approver, Admin:
		return r, nil
	}
	return NoRole, E(Invalid, `"{role}" is not a role`, "role", name).WithHint("Roles are viewer, runner, builder, approver and admin.")
}
