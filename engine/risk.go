package engine

// Risk is how much harm an action can do. The order is the meaning: read < write < send < destroy. The zero
// value is unknown and counts as destroy.
type Risk uint8

// The risks.
const (
	Read    Risk = iota + 1 // changes nothing
	Write                   // changes data that can be changed back
	Send                    // reaches people outside
	Destroy                 // deletes, or cannot be undone
)

var riskNames = [...]string{"destroy", "read", "write", "send", "destroy"}

// String is the risk's name; an unknown one reads "destroy".
func (r Risk) String() string {
	if int(r) < len(riskNames) {
		return riskNames[r]
	}
	return "destroy"
}

// Least is the greater of r and floor, counting unknown as destroy: a step may raise a risk, never lower it.
func (r Risk) Least(floor Risk) Risk { return max(r.known(), floor) }

func (r Risk) known() Risk {
	if r < Read || r > Destroy {
		return Destroy
	}
	return r
}

// ParseRisk reads a risk's name; ok is false for anything else.
func ParseRisk(name string) (r Risk, ok bool) {
	for i := Read; i <= Destroy; i++ {
		if riskNames[i] == name {
			return i, true
		}
	}
	return 0, false
}

// MarshalText writes the name.
func (r Risk) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a name; the error is Invalid.
func (r *Risk) UnmarshalText(b []byte) error {
	v, ok := ParseRisk(string(b))
	if !ok {
		return E(Invalid, `"{risk}" is not a risk`, "risk", string(b)).WithHint("Write read, write, send or destroy.")
	}
	*r = v
	return nil
}
