package counterparttest

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"testing"
)

// Post is a running mailpit: an SMTP server that keeps what it is given.
type Post struct {
	SMTP  string         // host:port; it offers STARTTLS and takes any login
	API   string         // http://host:port
	Roots *x509.CertPool // trusts its certificate
	Cert  string         // the certificate's file, PEM
}

// Mailpit starts one.
func Mailpit(t testing.TB) *Post {
	t.Helper()
	path, dir := program(t, "mailpit"), t.TempDir()
	cert, key, roots := certificate(t, dir)
	smtp, web := port(t), port(t)
	p := &Post{SMTP: "127.0.0.1:" + smtp, API: "http://127.0.0.1:" + web, Roots: roots, Cert: cert}
	run(t, dir, smtp, path, "--listen", "127.0.0.1:"+web, "--smtp", p.SMTP, "--database", filepath.Join(dir, "mails.db"),
		"--smtp-auth-accept-any", "--smtp-tls-cert", cert, "--smtp-tls-key", key, "--disable-version-check", "--quiet")
	return p
}

// Kept is a mail that mailpit keeps.
type Kept struct {
	ID        string
	MessageID string
	From      struct{ Name, Address string }
	To        []struct{ Name, Address string }
	Bcc       []struct{ Name, Address string }
	Subject   string
	Text      string
	HTML      string
}

// Mails are those kept, newest first, whole.
func (p *Post) Mails(t testing.TB) []Kept {
	t.Helper()
	var list struct{ Messages []struct{ ID string } }
	get(t, p.API+"/api/v1/messages", &list)
	out := make([]Kept, len(list.Messages))
	for i, m := range list.Messages {
		get(t, p.API+"/api/v1/message/"+m.ID, &out[i])
	}
	return out
}

// Source is a kept mail as it was sent.
func (p *Post) Source(t testing.TB, id string) string {
	t.Helper()
	return string(fetch(t, p.API+"/api/v1/message/"+id+"/raw"))
}

func get(t testing.TB, url string, into any) {
	t.Helper()
	if err := json.Unmarshal(fetch(t, url), into); err != nil {
		t.Fatal(err)
	}
}

func fetch(t testing.TB, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", url, resp.StatusCode, err, b)
	}
	return b
}

// Mailboxes is a running Dovecot. Everybody may log in, with the password.
type Mailboxes struct {
	IMAP     string // host:port, with STARTTLS
	IMAPS    string // host:port, TLS from the first byte
	Password string
	Roots    *x509.CertPool // trusts its certificate
	Cert     string         // the certificate's file, PEM
	Stop     func()         // ends it; Start begins anew with the same mails
	Start    func()
}

// Dovecot starts one.
func Dovecot(t testing.TB) *Mailboxes {
	t.Helper()
	path, dir := program(t, "dovecot"), t.TempDir()
	cert, key, roots := certificate(t, dir)
	imap, imaps := port(t), port(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	mails, uid, gid, who := filepath.Join(dir, "mails"), me.Uid, me.Gid, fmt.Sprintf("default_internal_user = %s\ndefault_login_user = %s\ndefault_internal_group = %s\n", me.Username, me.Username, me.Gid)
	if err := os.MkdirAll(mails, 0o777); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // it gives no mail to root
		uid, gid, who = "65534", "65534", ""
		if err := os.Chown(mails, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		for d := dir; d != "/" && d != "."; d = filepath.Dir(d) {
			if d == os.TempDir() {
				break
			}
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	config := filepath.Join(dir, "dovecot.conf")
	write(t, config, `protocols = imap
listen = 127.0.0.1
base_dir = `+dir+`/run
state_dir = `+dir+`/state
log_path = `+dir+`/output
`+who+`ssl = yes
ssl_cert = <`+cert+`
ssl_key = <`+key+`
disable_plaintext_auth = no
mail_location = maildir:`+mails+`/%u
first_valid_uid = 1
mail_max_userip_connections = 100
service imap-login {
  chroot =
  inet_listener imap {
    port = `+imap+`
  }
  inet_listener imaps {
    port = `+imaps+`
  }
}
service anvil {
  chroot =
}
passdb {
  driver = static
  args = password=correct-horse
}
userdb {
  driver = static
  args = uid=`+uid+` gid=`+gid+` home=`+mails+`/%u
}
`)
	m := &Mailboxes{IMAP: "127.0.0.1:" + imap, IMAPS: "127.0.0.1:" + imaps, Password: "correct-horse", Roots: roots, Cert: cert}
	m.Start = func() { m.Stop = run(t, dir, imap, path, "-F", "-c", config) }
	m.Start()
	return m
}
