package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// The dictionary of a number never changes: with another one, what is stored could not be read.
func TestDictionaryStays(t *testing.T) {
	const want = "bb3dc04f926c212d"
	sum := sha256.Sum256([]byte(words))
	if got := hex.EncodeToString(sum[:8]); got != want {
		t.Errorf("the first dictionary has the sum %s, and had %s: give another one another number", got, want)
	}
	if len(words) > 1<<14 { // s2 takes up to 64 KB; what lies far back is found no better
		t.Errorf("the dictionary is %d bytes long", len(words))
	}
}

// A kind keeps its number.
func TestKindsStay(t *testing.T) {
	for n, want := range map[byte]engine.EntryKind{1: engine.RunStarted, 7: engine.StepDone, 15: engine.AskDecided, 25: engine.RunEnded, 28: engine.GateAnswered, 0: "new.kind"} {
		if got := kindNumber(want); got != n {
			t.Errorf("%s has number %d, and had %d", want, got, n)
		}
	}
}

// Every kind of entry has a number, so that no row spells one out.
func TestEveryKindHasANumber(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../engine/entry.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); !ok || typ.Name != "EntryKind" {
			return true
		}
		text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if seen++; kindNumber(engine.EntryKind(text)) == 0 {
			t.Errorf("%s has no number: give it the next one", text)
		}
		return true
	})
	if seen < len(kinds)-1 {
		t.Errorf("%d kinds are declared, %d have a number", seen, len(kinds)-1)
	}
}

// What was packed before a kind had a number spells it out, and is read for ever.
func TestAKindThatIsSpelledOutIsRead(t *testing.T) {
	const old = "0000000a63616c6c2e656e6465640a016101000d676174652e616e73776572656402000009737465702e6b657074020162"
	b, err := hex.DecodeString(old)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(3, b, nil)
	if err != nil || len(got) != 3 || got[0].Kind != engine.CallEnded || got[1].Kind != engine.GateAnswered || got[2].Kind != engine.StepKept || got[1].Path != "a" || got[2].At != 7 {
		t.Errorf("%+v %v", got, err)
	}
}

func short() []engine.Entry {
	return []engine.Entry{
		{Seq: 1, At: 1790000000000, Kind: engine.RunStarted, By: "ann", Format: 1,
			Head: json.RawMessage(`{"run":"","number":0,"flow":"","version":0,"trigger":"speed:webhook.received:a1b2c3d4e5f6"}`),
			Data: json.RawMessage(`{"at":1790000000000,"data":{"body":{"count":3,"id":"m-1","name":"Ada Lovelace","note":"please hurry","price":12.5},"headers":{"content-length":"84","content-type":"application/json","user-agent":"speed/1"},"method":"POST","path":"speed","query":{}},"id":"01920000-0000-7000-8000-000000000001","key":"m-1","trigger":"webhook.received"}`)},
		{Seq: 2, At: 1790000000001, Kind: engine.StepDone, Path: "fields", Format: 1, Data: json.RawMessage(`{"big":true,"label":"Ada Lovelace (m-1)","name":"ADA LOVELACE","total":37.5}`)},
		{Seq: 3, At: 1790000000001, Kind: engine.StepDone, Path: "check", Format: 1, Data: json.RawMessage(`{"branch":"then"}`)},
		{Seq: 4, At: 1790000000001, Kind: engine.StepStarted, Path: "post", Attempt: 1, Format: 1, Data: json.RawMessage(`{"allow_private":true,"json":{"id":"m-1","label":"Ada Lovelace (m-1)","name":"ADA LOVELACE","total":37.5},"method":"POST","url":"http://127.0.0.1:38475/in"}`)},
		{Seq: 5, At: 1790000000001, Kind: engine.AttemptStarted, Path: "post", Attempt: 1, Format: 1},
	}
}

func same(t *testing.T, entries []engine.Entry, apart func(int) bool) {
	t.Helper()
	heads, data := Entries(entries, apart)
	got, err := Unpack(entries[0].Seq, heads, data)
	if err != nil || len(got) != len(entries) {
		t.Fatalf("%d of %d entries (%v)", len(got), len(entries), err)
	}
	for i, e := range entries {
		gone := apart != nil && apart(i)
		if gone {
			e.Data = nil
		}
		if got[i].Apart != gone || !reflect.DeepEqual(got[i].Entry, e) {
			t.Errorf("entry %d is\n%+v, was\n%+v", i, got[i].Entry, e)
		}
	}
}

func TestEntries(t *testing.T) {
	same(t, short(), nil)
	odd := []engine.Entry{
		{Seq: 9, At: -5, Kind: "new.kind", Path: "a/b[3]/ü", Attempt: -1, By: "x", Format: 2, Head: json.RawMessage{}, Data: json.RawMessage{}},
		{Seq: 10, Kind: "", At: 1 << 60, Data: json.RawMessage(`"` + strings.Repeat("läge ", 20_000) + `"`)},
		{Seq: 11, Kind: engine.StepDone, Data: json.RawMessage(`"apart"`)},
	}
	same(t, odd, func(i int) bool { return i == 2 })
	var total int
	heads, data := Entries(short(), nil)
	for _, e := range short() {
		total += len(e.Head) + len(e.Data) + len(e.Kind) + len(e.Path) + 8
	}
	if len(heads)+len(data) > total/2 {
		t.Errorf("%d + %d bytes of %d", len(heads), len(data), total)
	}
	t.Logf("%d + %d bytes of %d", len(heads), len(data), total)
	got, err := Unpack(1, heads, nil)
	if err != nil || len(got) != 5 || got[0].Data != nil || got[0].Head == nil {
		t.Errorf("erased: %+v (%v)", got, err)
	}
}

func TestSqueezeAnything(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		b := make([]byte, rnd.IntN(1<<(n%18)))
		for i := range b {
			b[i] = "abcdefgh"[rnd.IntN(1+n%8)]
		}
		if n%3 == 0 {
			b = append(b, words[rnd.IntN(len(words)):]...)
		}
		packed := squeeze([]byte("before"), b)
		if !bytes.HasPrefix(packed, []byte("before")) {
			t.Fatal("what stood before is gone")
		}
		got, err := expand(packed[len("before"):])
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes came back as %d (%v)", len(b), len(got), err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	heads, data := Entries(short(), nil)
	f.Add(heads)
	f.Add(data)
	f.Add([]byte{words1, 200, 1, 0x10, 'a', 1, 0, 255})
	f.Add([]byte{9})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := expand(b) // damage is an error, never a panic
		if err == nil {
			again, err := expand(squeeze(nil, got))
			if err != nil || !bytes.Equal(again, got) {
				t.Fatalf("%q came back as %q (%v)", got, again, err)
			}
		}
		_, _ = Unpack(1, b, b)
	})
}

func BenchmarkEntries(b *testing.B) {
	es := short()
	b.ReportAllocs()
	for range b.N {
		Entries(es, nil)
	}
}

func BenchmarkUnpack(b *testing.B) {
	heads, data := Entries(short(), nil)
	b.ReportAllocs()
	for range b.N {
		if _, err := Unpack(1, heads, data); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleEntries() {
	heads, data := Entries([]engine.Entry{{Seq: 1, Kind: engine.RunEnded, Format: 1, Head: json.RawMessage(`{"state":"done"}`)}}, nil)
	got, err := Unpack(1, heads, data)
	fmt.Println(got[0].Kind, string(got[0].Head), err)
	// Output: run.ended {"state":"done"} <nil>
}
