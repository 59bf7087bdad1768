package discordtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is how requests go wrong: the next Times that fit, or all when it is 0. Exactly one of Status, Hang and Lost
// is set.
type Fault struct {
	Route  string // "POST /channels/{channel}/messages"; "" is all, a prefix many
	Times  int
	Status int     // 429, 500, 403 …
	Code   int     // Discord's own
	After  float64 // seconds, of a 429
	Global bool    // of a 429: all routes are meant
	Hang   bool    // no answer until the client goes away
	Lost   bool    // done, but the answer is a broken connection
	Hit    func()  // is told each time; may be nil

	used int
}

// Fail adds a fault and gives a way to take it back.
func (s *Server) Fail(f Fault) (heal func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &f
	s.faults = append(s.faults, p)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		p.Times = -1
	}
}

// fault is what goes wrong with this request; the lock is held.
func (s *Server) fault(route string) *Fault {
	for _, f := range s.faults {
		if strings.HasPrefix(route, f.Route) && f.Times >= 0 && (f.Times == 0 || f.used < f.Times) {
			f.used++
			return f
		}
	}
	return nil
}

// serve is a route as HTTP.
func (s *Server) serve(pattern string, do route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &Call{Request: r, Route: pattern, Body: map[string]any{}}
		if no := c.read(); no != nil {
			refuse(w, no)
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, pattern)
		f := s.fault(pattern)
		s.mu.Unlock()
		if s.Asked != nil {
			s.Asked(r, pattern, c.Body)
		}
		if f != nil && f.Hit != nil {
			f.Hit()
		}
		switch {
		case f == nil || f.Lost:
		case f.Hang:
			<-r.Context().Done()
			return
		case f.Status == http.StatusTooManyRequests:
			limited(w, pattern, f)
			return
		default:
			refuse(w, &Refusal{f.Status, f.Code, "no"})
			return
		}
		if open := strings.HasPrefix(pattern, "POST /interactions/") || strings.Contains(pattern, "/webhooks/") || pattern == "GET /gateway"; !open && r.Header.Get("Authorization") != "Bot "+s.Token {
			refuse(w, &Refusal{401, 0, "401: Unauthorized"})
			return
		}
		s.mu.Lock()
		body, no := do(s, c)
		var data []byte
		if no == nil && body != nil { // while nobody changes it
			data, _ = json.Marshal(body)
		}
		s.mu.Unlock()
		switch {
		case f != nil: // lost
			panic(http.ErrAbortHandler)
		case no != nil:
			refuse(w, no)
		case body == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(data)
		}
	}
}

// read takes the body apart: JSON, or a form with "payload_json" and files.
func (c *Call) read() *Refusal {
	bad := &Refusal{400, 50109, "The request body contains invalid JSON."}
	if strings.HasPrefix(c.Header.Get("Content-Type"), "multipart/form-data") {
		if c.ParseMultipartForm(32<<20) != nil {
			return bad
		}
		if p := c.FormValue("payload_json"); p != "" && json.Unmarshal([]byte(p), &c.Body) != nil {
			return bad
		}
		for i := range len(c.MultipartForm.File) {
			for _, h := range c.MultipartForm.File["files["+strconv.Itoa(i)+"]"] {
				f, err := h.Open()
				if err != nil {
					return bad
				}
				data, _ := io.ReadAll(f)
				_ = f.Close()
				c.Files = append(c.Files, File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Data: data})
			}
		}
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(c.Request.Body, 8<<20))
	if err != nil {
		return bad
	}
	if len(data) == 0 {
		return nil
	}
	var v any
	if json.Unmarshal(data, &v) != nil {
		return bad
	}
	switch x := v.(type) {
	case map[string]any:
		c.Body = x
	case []any: // a list of commands
		c.Body["list"] = x
	}
	return nil
}

func refuse(w http.ResponseWriter, no *Refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(no.Status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": no.Code, "message": no.Message})
}

// limited is a 429 with the headers of a route's bucket.
func limited(w http.ResponseWriter, pattern string, f *Fault) {
	after := strconv.FormatFloat(f.After, 'f', -1, 64)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Retry-After", after)
	h.Set("X-RateLimit-Scope", map[bool]string{true: "global", false: "user"}[f.Global])
	if f.Global {
		h.Set("X-RateLimit-Global", "true")
	} else {
		h.Set("X-RateLimit-Bucket", pattern)
		h.Set("X-RateLimit-Limit", "5")
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset-After", after)
		h.Set("X-RateLimit-Reset", strconv.FormatFloat(float64(time.Now().UnixMilli())/1000+f.After, 'f', 3, 64))
	}
	w.WriteHeader(http.StatusTooManyRequests)
	_ = json.NewEncoder(w).Encode(map[string]any{"message": "You are being rate limited.", "retry_after": f.After, "global": f.Global})
}
