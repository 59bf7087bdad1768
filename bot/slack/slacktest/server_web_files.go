package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func fileMethods() map[string]method {
	return map[string]method{
		"files.getUploadURLExternal":   {"files:write", (*Server).uploadURL},
		"files.completeUploadExternal": {"files:write", (*Server).completeUpload},
		"files.info":                   {"files:read", (*Server).fileInfo},
	}
}

// serveMore adds addresses beside the Web API: where files are sent to.
func serveMore(s *Server, mux *http.ServeMux) { mux.HandleFunc("POST /upload/{id}", s.receive) }

func (s *Server) uploadURL(c *call) answer {
	n, err := strconv.Atoi(c.text("length"))
	if c.text("filename") == "" || err != nil || n < 1 || len([]rune(c.text("alt_txt"))) > 1000 {
		return refuse("invalid_arguments")
	}
	s.n++
	f := &file{id: fmt.Sprintf("F%06d", s.n), team: c.team.id, name: c.text("filename"), alt: c.text("alt_txt"), data: make([]byte, 0, n)}
	s.files[f.id] = f
	return answer{"upload_url": s.web.URL + "/upload/" + f.id, "file_id": f.id}
}

// receive takes a file's bytes, which must be as many as were announced.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	if f := s.fault("upload"); f != nil && !s.suffer(w, r, f) {
		return
	}
	part, _, err := r.FormFile("file")
	if err != nil {
		http.Error(w, "no file", http.StatusBadRequest)
		return
	}
	data, err := io.ReadAll(part)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("id")]
	if err != nil || f == nil || len(data) != cap(f.data) {
		http.Error(w, "no such file, or another length", http.StatusBadRequest)
		return
	}
	f.data = data
	_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
}

// completeUpload makes files whole, and shares them in a channel if it names one.
func (s *Server) completeUpload(c *call) answer {
	var ids []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.text("files")), &ids) != nil || len(ids) == 0 || len(ids) > 10 {
		return refuse("invalid_arguments")
	}
	var shown, list []any
	for _, x := range ids {
		f := s.files[x.ID]
		if f == nil || f.team != c.team.id || len(f.data) == 0 {
			return refuse("file_not_found")
		}
		f.title = x.Title
		list = append(list, map[string]any{"id": f.id, "title": f.title})
		shown = append(shown, map[string]any{"id": f.id, "name": f.name, "title": f.title, "size": len(f.data), "alt_txt": f.alt})
	}
	if name := c.text("channel_id"); name != "" {
		ch, why := s.inRoom(c, name)
		if why == "channel_not_found" {
			why = "invalid_channel"
		}
		if why != "" {
			return refuse(why)
		}
		body := map[string]any{"channel": ch.id, "text": c.text("initial_comment"), "files": shown}
		if ts := c.text("thread_ts"); ts != "" {
			body["thread_ts"] = ts
		}
		s.posts = append(s.posts, &posted{channel: ch.id, ts: s.stamp(), thread: c.text("thread_ts"), team: c.team.id, by: c.team.bot, body: body, reactions: map[string][]string{}})
		for _, x := range ids {
			s.files[x.ID].shared = append(s.files[x.ID].shared, ch.id)
		}
	}
	return answer{"files": list}
}

func (s *Server) fileInfo(c *call) answer {
	f := s.files[c.text("file")]
	if f == nil || f.team != c.team.id {
		return refuse("file_not_found")
	}
	public := map[string]any{}
	for _, p := range s.posts {
		for _, x := range p.filesOn() {
			if x["id"] == f.id && !p.gone {
				public[p.channel] = []any{map[string]any{"ts": p.ts}}
			}
		}
	}
	return answer{"file": map[string]any{"id": f.id, "name": f.name, "title": f.title, "size": len(f.data), "shares": map[string]any{"public": public}}}
}

// filesOn are the files of a message.
func (p *posted) filesOn() (out []map[string]any) {
	list, _ := p.body["files"].([]any)
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// badPicture reports whether a message shows a file that is not there, or not whole.
func (s *Server) badPicture(c *call) bool {
	return slices.ContainsFunc(c.list("blocks"), func(b any) bool {
		m, _ := b.(map[string]any)
		x, ok := m["slack_file"].(map[string]any)
		if !ok {
			return false
		}
		id, _ := x["id"].(string)
		f := s.files[id]
		return f == nil || f.team != c.team.id || len(f.data) == 0 || f.title == ""
	})
}

// File is what was uploaded, by id: its name, what it shows in words, and its bytes.
func (s *Server) File(id string) (name, alt string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil {
		return "", "", nil
	}
	return f.name, f.alt, slices.Clone(f.data)
}

// Messages are the messages of a channel that everybody sees, threads among them, as the history shows them.
func (s *Server) Messages(channel string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []map[string]any
	for _, p := range s.posts {
		if p.channel == channel && p.only == "" && !p.gone {
			m := p.show()
			m["edits"] = p.edits
			if p.thread != "" {
				m["thread_ts"] = p.thread
			}
			out = append(out, m)
		}
	}
	return out
}

// SetChannel changes a channel: "name=ops", "private", "archived"; with "=no" back.
func (s *Server) SetChannel(id string, change ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channels[id]
	for _, x := range change {
		switch key, value, _ := strings.Cut(x, "="); key {
		case "name":
			ch.name = value
		case "private":
			ch.private = value != "no"
		case "archived":
			ch.archived = value != "no"
		default:
			s.T.Fatalf("a channel has no %q", x)
		}
	}
	s.touch()
}
