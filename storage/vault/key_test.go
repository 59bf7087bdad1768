package vault_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/vault"
)

func env(pairs map[string]string) func(string) string {
	return func(k string) string { return pairs[k] }
}

func TestLoadKeyMakesOneOnce(t *testing.T) {
	path := vault.KeyPath(t.TempDir(), "0198-ab")
	first, created, err := vault.LoadKey(env(nil), path)
	if err != nil || !created {
		t.Fatalf("created %v (%v)", created, err)
	}
	again, created, err := vault.LoadKey(env(nil), path)
	if err != nil || created || !again.Equal(first) {
		t.Fatalf("the second start made another key (%v)", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, want 0600", info.Mode())
	}
}

func TestLoadKeyFromEnvironment(t *testing.T) {
	dir := t.TempDir()
	k, other := vault.NewKey(), vault.NewKey()
	file := filepath.Join(dir, "k")
	if err := vault.WriteKey(file, other); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(dir, "none")
	got, created, err := vault.LoadKey(env(map[string]string{vault.EnvKey: k.Text() + "\n", vault.EnvKeyFile: file}), none)
	if err != nil || created || !got.Equal(k) {
		t.Fatalf("%s: %v", vault.EnvKey, err)
	}
	got, created, err = vault.LoadKey(env(map[string]string{vault.EnvKeyFile: file}), none)
	if err != nil || created || !got.Equal(other) {
		t.Fatalf("%s: %v", vault.EnvKeyFile, err)
	}
	_, _, err = vault.LoadKey(env(map[string]string{vault.EnvKeyFile: none}), file)
	code(t, err, engine.NotFound)
	_, _, err = vault.LoadKey(env(map[string]string{vault.EnvKey: "c2hvcnQ="}), file)
	code(t, err, engine.Invalid)
	if strings.Contains(err.Error(), "c2hvcnQ") {
		t.Fatal("the error shows the key")
	}
	if _, err := os.Stat(none); err == nil {
		t.Fatal("a key file was made although the environment names the key")
	}
}

func TestKeyFilesOfOthersAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "k")
	if err := vault.WriteKey(path, vault.NewKey()); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := vault.ReadKey(path)
		code(t, err, engine.Denied)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, created, err := vault.LoadKey(env(nil), path)
	code(t, err, engine.Invalid)
	if created {
		t.Fatal("an unreadable key was replaced: what it sealed would be lost")
	}
}

func TestRecovery(t *testing.T) {
	k := vault.NewKey()
	text := k.Recovery()
	if len(strings.Split(text, "-")) != 14 {
		t.Fatalf("recovery text %q has not 14 groups", text)
	}
	typed := strings.NewReplacer("-", " ", "0", "o", "1", "l").Replace(strings.ToLower(text))
	got, err := vault.ParseRecovery(" " + typed + "\n")
	if err != nil || !got.Equal(k) {
		t.Fatalf("typed by hand: %v", err)
	}
	for i := 0; i < len(text); i++ {
		if text[i] == '-' {
			continue
		}
		wrong := []byte(text)
		wrong[i] = 'A'
		if text[i] == 'A' {
			wrong[i] = 'B'
		}
		_, err := vault.ParseRecovery(string(wrong))
		code(t, err, engine.Invalid)
	}
	_, err = vault.ParseRecovery(text[:20])
	code(t, err, engine.Invalid)
}

func TestKeyIsNeverShown(t *testing.T) {
	k := vault.NewKey()
	j, _ := json.Marshal(map[string]any{"k": k})
	if s := fmt.Sprintf("%v %+v %#v %s %x %q", k, k, k, k, k, k) + string(j); strings.Trim(s, `* {}"k:`) != "" {
		t.Fatalf("shown as %s", s)
	}
}

func TestKeyPathStaysInPlace(t *testing.T) {
	for _, id := range []string{"0198-ab", "", "../../etc/passwd", "a/b", ".."} {
		p := vault.KeyPath("/conf", id)
		if filepath.Dir(p) != filepath.Join("/conf", "bretelle") || !strings.HasSuffix(p, ".key") {
			t.Errorf("%q gives %s", id, p)
		}
	}
}

func FuzzParseRecovery(f *testing.F) {
	f.Add(vault.NewKey().Recovery())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := vault.ParseRecovery(text)
		if err == nil {
			if again, err := vault.ParseRecovery(k.Recovery()); err != nil || !again.Equal(k) {
				t.Fatalf("%q reads as a key that does not read back", text)
			}
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(vault.NewKey().Text())
	f.Fuzz(func(t *testing.T, text string) {
		k, err := vault.ParseKey(text)
		if err != nil {
			return
		}
		if again, err := vault.ParseKey(k.Text()); err != nil || !again.Equal(k) {
			t.Fatalf("%q reads as a key that does not read back", text)
		}
	})
}
