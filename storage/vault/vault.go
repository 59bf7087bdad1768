package vault

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// MaxValue is the greatest secret kept, in bytes: room for a private key with its certificates.
const MaxValue = 64 << 10

// checkSetting is the setting that holds the check value.
const checkSetting = "vault.check"

// Vault seals and opens secrets. Safe for concurrent use.
type Vault struct {
	// Now dates what is set. Nil is time.Now. Set it before first use.
	Now func() time.Time

	master  Key
	records Records
}

// New makes a vault on records. Call Check before serving.
func New(master Key, records Records) *Vault { return &Vault{master: master, records: records} }

// Check refuses a master key that is not the one the secrets were sealed with: Denied. The first time it stores the
// check value that later starts are measured against.
func (v *Vault) Check(ctx context.Context) error {
	stored, err := v.records.Setting(ctx, checkSetting)
	if err != nil {
		return err
	}
	if stored != "" {
		b, err := base64.StdEncoding.DecodeString(stored)
		if err == nil {
			_, err = unseal(v.master.bytes[:], b, "check")
		}
		if err != nil {
			return wrongKey().Wrap(err)
		}
		return nil
	}
	list, err := v.records.Secrets(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if _, err := v.dataKey(r); err != nil {
			return wrongKey().Wrap(err)
		}
	}
	b, err := seal(v.master.bytes[:], []byte("bretelle"), "check")
	if err != nil {
		return engine.AsError(err).WithOp("vault.check")
	}
	return v.records.SetSetting(ctx, checkSetting, base64.StdEncoding.EncodeToString(b))
}

func wrongKey() *engine.Error {
	return engine.E(engine.Denied, "the master key is not the one that the stored secrets were sealed with").
		WithHint("Start with the right key, or put the old one back from its recovery text.").WithOp("vault.check")
}

// Set stores a secret as the next version of its name and tells which. Errors: Invalid for a name or value that
// cannot be, TooLarge, Conflict when others keep setting it at the same moment.
func (v *Vault) Set(ctx context.Context, c engine.Credential) (int64, error) {
	if !validName(c.Name) {
		return 0, engine.E(engine.Invalid, `"{name}" cannot be the name of a secret`, "name", c.Name).
			WithHint("Use up to 100 letters, digits, dots, dashes and underscores.")
	}
	if c.Value.Empty() {
		return 0, engine.E(engine.Invalid, "the secret {name} is empty", "name", c.Name)
	}
	if len(c.Value.Reveal()) > MaxValue {
		return 0, engine.E(engine.TooLarge, "the secret {name} is longer than {max} bytes", "name", c.Name, "max", MaxValue)
	}
	for try := 1; ; try++ {
		last, err := v.records.Secret(ctx, c.Name)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return 0, err
		}
		c.Version = last.Version + 1
		r, err := v.seal(c)
		if err != nil {
			return 0, engine.AsError(err).WithOp("vault.set")
		}
		err = v.records.PutSecret(ctx, r)
		if err == nil {
			return c.Version, nil
		}
		if engine.CodeOf(err) != engine.Conflict || try == 10 {
			return 0, err
		}
	}
}

func (v *Vault) seal(c engine.Credential) (Record, error) {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	r := Record{Name: c.Name, Version: c.Version, Origin: c.Origin, Header: c.Header, User: c.User, At: engine.Millis(now())}
	data := make([]byte, KeySize)
	_, _ = rand.Read(data)
	var err error
	if r.Sealed, err = seal(data, []byte(c.Value.Reveal()), r.bound()...); err != nil {
		return Record{}, err
	}
	r.Key, err = seal(v.master.bytes[:], data, "key", r.Name, r.Version)
	return r, err
}

func (v *Vault) dataKey(r Record) ([]byte, error) {
	return unseal(v.master.bytes[:], r.Key, "key", r.Name, r.Version)
}

// Open gives a secret out. Errors: NotFound when there is none or it was deleted; Unreadable when the row was changed
// or moved, or was sealed with another master key.
func (v *Vault) Open(ctx context.Context, name string) (engine.Credential, error) {
	r, err := v.records.Secret(ctx, name)
	if err != nil {
		return engine.Credential{}, err
	}
	if r.Sealed == nil {
		return engine.Credential{}, NoSecret(name)
	}
	key, err := v.dataKey(r)
	var value []byte
	if err == nil && r.Name == name {
		value, err = unseal(key, r.Sealed, r.bound()...)
	} else if err == nil {
		err = errSealed
	}
	if err != nil {
		return engine.Credential{}, engine.E(engine.Unreadable, "the secret {name} cannot be opened", "name", name).
			WithHint("It was sealed with another master key, or its row was tampered with. Set it again.").
			WithOp("vault.open").Wrap(err)
	}
	c := shown(r)
	c.Value = engine.NewSecret(string(value))
	return c, nil
}

// Names lists the secrets by name, without their values.
func (v *Vault) Names(ctx context.Context) ([]engine.Credential, error) {
	list, err := v.records.Secrets(ctx)
	out := make([]engine.Credential, 0, len(list))
	for _, r := range list {
		out = append(out, shown(r))
	}
	return out, err
}

// Delete erases a secret. NotFound when there is none.
func (v *Vault) Delete(ctx context.Context, name string) error {
	return v.records.DropSecret(ctx, name)
}

func shown(r Record) engine.Credential {
	return engine.Credential{Name: r.Name, Version: r.Version, Origin: r.Origin, Header: r.Header, User: r.User}
}

// bound is what the value is tied to. A user is added only where there is one, so that what was sealed before there
// were users still opens; two lists of different length never give the same bytes.
func (r Record) bound() []any {
	bound := []any{"value", r.Name, r.Version, r.Origin, r.Header}
	if r.User != "" {
		bound = append(bound, r.User)
	}
	return bound
}

func validName(name string) bool {
	if name == "" || len(name) > 100 {
		return false
	}
	for _, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
