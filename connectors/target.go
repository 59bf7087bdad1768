package connectors

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// targetOf reads and checks the address of a request.
func targetOf(r Request) (*url.URL, *Fault) {
	if !token(r.Method) {
		return nil, Fail(engine.BadInput, engine.Invalid, `"{method}" is not an HTTP method`, "method", clip(r.Method, 40))
	}
	u, err := url.Parse(strings.TrimSpace(r.URL))
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, badURL(r.URL)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, Fail(engine.BadInput, engine.Invalid, `Addresses begin with https:// or http://, not with "{scheme}:"`,
			"scheme", clip(u.Scheme, 20))
	case u.User != nil:
		return nil, Fail(engine.BadInput, engine.Invalid, "The address holds a user name or password").
			WithHint("Store it with bretelle secret set, and name it as the step's account.")
	case strings.Contains(u.Host, "%"), numeric(u.Hostname()):
		return nil, badURL(r.URL)
	}
	u.Fragment = ""
	if len(r.Query) > 0 {
		q := u.Query()
		for k, values := range r.Query {
			for _, v := range values {
				q.Add(k, v)
			}
		}
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// numeric reports whether a host is meant as a number and is no address as Go reads it: 127.1, 0x7f000001. Some
// resolvers read those as addresses (WHATWG URL, "ends in a number").
func numeric(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}

func badURL(text string) *Fault {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:] // what stands before it may be a password
	}
	return Fail(engine.BadInput, engine.Invalid, `"{url}" is not a web address`, "url", clip(text, 200)).
		WithHint("Write it whole: https://host/path.")
}

// headersOf makes the headers of a request. Those that frame a message are the transport's.
func headersOf(r Request) (http.Header, *Fault) {
	h := http.Header{"User-Agent": {"Bretelle"}, "Accept": {"application/json, */*;q=0.5"}, "Accept-Encoding": {"identity"}}
	if r.Type != "" {
		h.Set("Content-Type", r.Type)
	}
	for k, v := range r.Header {
		if !token(k) || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return nil, Fail(engine.BadInput, engine.Invalid, `"{header}" is not a header that can be sent`, "header", clip(k, 80)).
				WithHint("Names are letters, digits and dashes; values are one line.")
		}
		switch name := http.CanonicalHeaderKey(k); name {
		case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Te", "Trailer", "Upgrade", "Expect",
			"Accept-Encoding", "Proxy-Authorization", "Proxy-Connection", "Keep-Alive":
			return nil, Fail(engine.BadInput, engine.Invalid, `The header "{header}" cannot be set`, "header", name).
				WithHint("Leave it out; it is made from the rest.")
		default:
			h.Set(name, v)
		}
	}
	return h, nil
}

// token reports whether s is a token of RFC 9110, 5.6.2.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
}

// attach puts a credential into the headers if, and only if, the address is of the credential's origin: scheme,
// host and port.
func attach(h http.Header, u *url.URL, cred engine.Credential) *Fault {
	header, value := cred.Header, cred.Value.Reveal()
	if cred.User != "" {
		header, value = "Authorization", basic(cred)
	}
	if cred.Origin == "" || header == "" {
		return Fail(engine.Forbidden, engine.Denied, `"{account}" may not be sent anywhere`, "account", cred.Name).
			WithHint("Store it again with the address and header it is for.")
	}
	home, err := url.Parse(cred.Origin)
	if err != nil || originOf(home) != originOf(u) {
		return Fail(engine.Forbidden, engine.Denied, `The account "{account}" is for {origin} and was not sent to {peer}`,
			"account", cred.Name, "origin", cred.Origin, "peer", originOf(u)).
			WithHint("Use an address of that service, or another account.")
	}
	if !token(header) || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return Fail(engine.BadInput, engine.Invalid, `The account "{account}" cannot be sent as a header`, "account", cred.Name).
			WithHint("Store it again, as one line.")
	}
	h.Set(header, value)
	return nil
}

// basic is the header value of Basic authentication (RFC 7617).
func basic(cred engine.Credential) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.User+":"+cred.Value.Reveal()))
}

// originOf is scheme, host and port, in one spelling.
func originOf(u *url.URL) string {
	scheme := strings.ToLower(u.Scheme)
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + net.JoinHostPort(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), port)
}

// peerOf is the host as people read it, with a port that is not the usual one.
func peerOf(u *url.URL) string { return clip(u.Host, 200) }
