package counterparttest

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Contacts is a running Radicale with one empty address book.
type Contacts struct {
	URL      string // http://host:port
	User     string
	Password string
	Book     string // the address of the book, with a slash at its end
}

// Radicale starts one.
func Radicale(t testing.TB) *Contacts {
	t.Helper()
	path, dir := program(t, "radicale"), t.TempDir()
	on := port(t)
	write(t, filepath.Join(dir, "users"), "bot:correct-horse\n")
	config := filepath.Join(dir, "config")
	write(t, config, `[server]
hosts = 127.0.0.1:`+on+`
[auth]
type = htpasswd
htpasswd_filename = `+dir+`/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = `+dir+`/collections
[logging]
level = warning
`)
	run(t, dir, on, path, "--config", config)
	c := &Contacts{URL: "http://127.0.0.1:" + on, User: "bot", Password: "correct-horse"}
	c.Book = c.URL + "/bot/people/"
	req, err := http.NewRequest("MKCOL", c.Book, strings.NewReader(`<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">`+
		`<set><prop><resourcetype><collection/><C:addressbook/></resourcetype></prop></set></mkcol>`))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(c.User, c.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("the address book was answered %d", resp.StatusCode)
	}
	return c
}
