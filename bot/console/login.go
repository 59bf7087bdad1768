package console

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Kinds of tickets.
const (
	TicketFirstAdmin = "first-admin" // whoever uses it first becomes the admin
	TicketLogin      = "login"       // logs in the person it names
)

const (
	// TicketLife is how long a login link works.
	TicketLife = 10 * time.Minute
	// sessionLife is how long a browser stays logged in.
	sessionLife = 30 * 24 * time.Hour
	attemptsMax = 10
	attemptsPer = time.Minute
)

// NewTicket stores a one-time login and gives its token, "9K2F-71QX": short enough to type, 40 random bits, good for
// ten minutes at ten tries a minute.
func (c *Console) NewTicket(ctx context.Context, kind, person string) (string, error) {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // no I, L, O, U: nobody mistakes one for another
	raw := engine.Token(16)
	token := make([]byte, 0, 9)
	for i := 0; i < 8; i++ {
		if i == 4 {
			token = append(token, '-')
		}
		token = append(token, letters[(hexDigit(raw[2*i])<<4|hexDigit(raw[2*i+1]))&31])
	}
	return string(token), c.o.People.PutTicket(ctx, bot.Ticket{Hash: ticketHash(string(token)), Kind: kind, Person: person,
		Expires: engine.Millis(c.now().Add(TicketLife))})
}

func hexDigit(b byte) int {
	if b >= 'a' {
		return int(b-'a') + 10
	}
	return int(b - '0')
}

// ticketHash forgives how people type: case, spaces, a missing dash.
func ticketHash(token string) string {
	return hashOf("ticket:" + strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(token)))
}

// needsAdmin reports whether nobody is admin yet.
func (c *Console) needsAdmin(ctx context.Context) (bool, error) {
	all, err := c.o.People.Persons(ctx)
	if err != nil {
		return false, err
	}
	for _, p := range all {
		if p.Role == engine.Admin {
			return false, nil
		}
	}
	return true, nil
}

// getLogin shows a button. It does not look at the ticket: opening the link neither uses it nor tells whether it is
// good.
func (c *Console) getLogin(w http.ResponseWriter, r *http.Request, _ seat) {
	first, err := c.needsAdmin(r.Context())
	if err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	c.page(w, r, http.StatusOK, "login", loginPage{Token: r.PathValue("token"), AskName: first})
}

// postLogin uses the ticket and begins a session under a new id.
func (c *Console) postLogin(w http.ResponseWriter, r *http.Request, _ seat) {
	ctx, token := r.Context(), r.PathValue("token")
	if wait := c.logins.try(remote(r), c.now()); wait > 0 {
		e := engine.E(engine.Throttled, "too many attempts to log in").WithHint("Wait a minute and try again.")
		e.After = wait
		c.fail(w, r, seat{}, e)
		return
	}
	if err := r.ParseForm(); err != nil {
		c.fail(w, r, seat{}, engine.E(engine.Invalid, "that is not a form").Wrap(err))
		return
	}
	first, err := c.needsAdmin(ctx)
	if err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	typed, name := r.PostForm.Get("name"), ""
	if first {
		// The name is judged before the ticket is used, so that a slip costs nothing.
		if name, err = c.freeName(ctx, typed); err != nil {
			c.page(w, r, statusOf(err), "login", loginPage{Token: token, AskName: true, Name: typed, Error: engine.AsError(err).Error()})
			return
		}
	}
	t, err := c.o.People.UseTicket(ctx, ticketHash(token), engine.Millis(c.now()))
	if err != nil {
		if engine.CodeOf(err) == engine.NotFound {
			err = engine.E(engine.Unsigned, "this login link was used already, or is older than ten minutes").
				WithHint("On the machine that runs Bretelle, this makes a new one: bretelle login NAME")
		}
		c.fail(w, r, seat{}, err)
		return
	}
	p, err := c.holder(ctx, t, first, name)
	if err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	if err := c.begin(ctx, w, r, p); err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	c.logins.clear(remote(r))
	if t.Kind == TicketFirstAdmin && c.o.Joined != nil {
		c.o.Joined(ctx, p)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// freeName is the typed name, cleaned; Conflict when somebody has it.
func (c *Console) freeName(ctx context.Context, typed string) (string, error) {
	name, err := cleanName(typed)
	if err != nil {
		return "", err
	}
	all, err := c.o.People.Persons(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		if strings.EqualFold(p.Name, name) {
			return "", engine.E(engine.Conflict, "{name} is taken", "name", name).WithHint("Choose another name.")
		}
	}
	return name, nil
}

// holder is the person a ticket logs in; for the first admin's, the person is made.
func (c *Console) holder(ctx context.Context, t bot.Ticket, first bool, name string) (engine.Person, error) {
	switch {
	case t.Kind == TicketLogin:
		return c.person(ctx, t.Person)
	case t.Kind != TicketFirstAdmin || !first:
		return engine.Person{}, engine.E(engine.Denied, "there is an admin already").WithHint("Ask them for a login link: bretelle login NAME")
	}
	return AddPerson(ctx, c.o.People, name, engine.Admin, c.now())
}

// AddPerson makes a person who may log in to the console. Errors: Invalid (the name), Conflict (it is taken).
func AddPerson(ctx context.Context, people bot.People, name string, role engine.Role, now time.Time) (engine.Person, error) {
	name, err := cleanName(name)
	if err != nil {
		return engine.Person{}, err
	}
	p := engine.Person{ID: engine.NewID(now), Name: name, Role: role, Created: engine.Millis(now)}
	if err := people.AddPerson(ctx, p); err != nil {
		return engine.Person{}, err
	}
	return p, people.Link(ctx, engine.Identity{Surface: engine.ConsoleSurface, User: p.ID, Person: p.ID})
}

// begin starts a session under a new id, so that one planted before the login is worth nothing.
func (c *Console) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, p engine.Person) error {
	if old, err := r.Cookie(cookieName(r)); err == nil {
		if err := c.o.People.DropSession(ctx, hashOf(old.Value)); err != nil && engine.CodeOf(err) != engine.NotFound {
			return err
		}
	}
	id, until := engine.Token(32), c.now().Add(sessionLife)
	err := c.o.People.PutSession(ctx, bot.Session{Hash: hashOf(id), Person: p.ID, CSRF: engine.Token(16), Expires: engine.Millis(until)})
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Value: id, Path: "/", HttpOnly: true, Secure: c.o.Secure,
		SameSite: http.SameSiteStrictMode, Expires: until})
	return nil
}

func (c *Console) postLogout(w http.ResponseWriter, r *http.Request, s seat) {
	if err := c.o.People.DropSession(r.Context(), s.session.Hash); err != nil && engine.CodeOf(err) != engine.NotFound {
		c.fail(w, r, s, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.o.Secure, SameSite: http.SameSiteStrictMode})
	c.page(w, r, http.StatusOK, "message", messagePage{Title: "Logged out", Text: "You are logged out."})
}

// postActAs is the demo's switch: the session acts as somebody else from now on.
func (c *Console) postActAs(w http.ResponseWriter, r *http.Request, s seat) {
	if !c.o.Demo {
		c.fail(w, r, s, engine.E(engine.Denied, "acting as somebody else needs --demo"))
		return
	}
	p, err := c.person(r.Context(), r.PostForm.Get("person"))
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	next := s.session
	next.Person = p.ID
	if err := c.o.People.PutSession(r.Context(), next); err != nil {
		c.fail(w, r, s, err)
		return
	}
	back := "/"
	if name := r.PostForm.Get("channel"); name != "" {
		back = channelPath("#" + name)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// attempts limits guesses at login links, by address.
type attempts struct {
	mu   sync.Mutex
	from map[string][]time.Time
}

// addressesMost bounds the table; when it is full, strangers wait.
const addressesMost = 4096

func newAttempts() *attempts { return &attempts{from: map[string][]time.Time{}} }

// try counts an attempt; when there were too many, it gives how long to wait.
func (a *attempts) try(addr string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh := a.from[addr][:0]
	for _, t := range a.from[addr] {
		if now.Sub(t) < attemptsPer {
			fresh = append(fresh, t)
		}
	}
	if len(fresh) >= attemptsMax {
		a.from[addr] = fresh
		return attemptsPer - now.Sub(fresh[0])
	}
	if len(a.from) >= addressesMost && len(fresh) == 0 {
		for k, v := range a.from {
			if now.Sub(v[len(v)-1]) >= attemptsPer {
				delete(a.from, k)
			}
		}
		if len(a.from) >= addressesMost {
			return attemptsPer
		}
	}
	a.from[addr] = append(fresh, now)
	return 0
}

func (a *attempts) clear(addr string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.from, addr)
}

func remote(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
