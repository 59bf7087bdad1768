package console

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	// sessionLife is how long a browser stays logged in.
	sessionLife = 30 * 24 * time.Hour
	attemptsMax = 10
	attemptsPer = time.Minute
)

// getLogin shows a button. It does not look at the ticket: opening the link neither uses it nor tells whether it is
// good.
func (c *Console) getLogin(w http.ResponseWriter, r *http.Request, _ seat) {
	admin, err := c.o.Logins.HasAdmin(r.Context())
	if err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	c.page(w, r, http.StatusOK, "login", loginPage{Token: r.PathValue("token"), AskName: !admin})
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
	admin, err := c.o.Logins.HasAdmin(ctx)
	if err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	name := r.PostForm.Get("name")
	p, err := c.o.Logins.Claim(ctx, bot.Actor{Surface: engine.ConsoleSurface, Name: name}, name, token)
	switch code := engine.CodeOf(err); {
	case err == nil:
	case !admin && (code == engine.Invalid || code == engine.Conflict):
		// The ticket is still good: a slip in the name costs nothing.
		c.page(w, r, statusOf(err), "login", loginPage{Token: token, AskName: true, Name: name, Error: engine.AsError(err).Error()})
		return
	case code == engine.NotFound:
		c.fail(w, r, seat{}, engine.E(engine.Unsigned, "this login link was used already, or is older than ten minutes").
			WithHint("On the machine that runs Bretelle, this makes a new one: bretelle login NAME"))
		return
	default:
		c.fail(w, r, seat{}, err)
		return
	}
	if err := c.begin(ctx, w, r, p); err != nil {
		c.fail(w, r, seat{}, err)
		return
	}
	c.logins.clear(remote(r))
	if !admin {
		if err := c.o.Logins.Welcome(ctx, p); err != nil {
			c.log.WarnContext(ctx, "the first admin could not be welcomed", "err", err)
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// begin starts a session under a new id, so that one planted before the login is worth nothing.
func (c *Console) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, p engine.Person) error {
	if old, err := r.Cookie(cookieName(r)); err == nil {
		if err := c.o.People.DropSession(ctx, hashOf(old.Value)); err != nil && engine.CodeOf(err) != engine.NotFound {
			return err
		}
	}
	id, until := engine.Token(32), c.now().Add(sessionLife)
	err := c.o.People.PutSession(ctx, bot.Session{Hash: hashOf(id), Person: p.ID, Expires: engine.Millis(until)})
	if err != nil {
		return err
	}
	cookie := c.cookie(r)
	cookie.Value, cookie.Expires = id, until
	http.SetCookie(w, cookie)
	return nil
}

// cookie is the session's, without its value. Lax, so that a link in chat finds its reader logged in: no GET changes
// anything, and what comes from another site's form is refused twice besides.
func (c *Console) cookie(r *http.Request) *http.Cookie {
	return &http.Cookie{Name: cookieName(r), Path: "/", HttpOnly: true, Secure: c.o.Secure, SameSite: http.SameSiteLaxMode}
}

func (c *Console) postLogout(w http.ResponseWriter, r *http.Request, s seat) {
	if err := c.o.People.DropSession(r.Context(), s.session.Hash); err != nil && engine.CodeOf(err) != engine.NotFound {
		c.fail(w, r, s, err)
		return
	}
	c.hub.ring() // open pages of this session end
	cookie := c.cookie(r)
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
	lang := reads(r, s.person)
	c.write(w, r, http.StatusOK, "message", frame{Title: prompts.T(lang, "Logged out", nil), Lang: lang,
		Page: messagePage{Title: prompts.T(lang, "Logged out", nil), Text: prompts.T(lang, "You are logged out.", nil)}})
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

// remote is who guesses: an IPv4 address, or the network of an IPv6 one, in which a machine has as many as it likes.
func remote(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
