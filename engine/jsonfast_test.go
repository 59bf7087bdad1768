package engine

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzFastJSON: what the plain reader and writer of JSON do, encoding/json does too.
func FuzzFastJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0,2.50,"x<&>é ",null,true,false,{}],"a":"twice","":[]}`, ` [ 9007199254740993 , 1e5, 123456789012345678901, "\u00e9\n" ] `,
		`{"n":012}`, `{"a":1} x`, `"` + "\xff" + `"`, `-`, `[1,]`, `{"a" :  "b" , "c":[ ]}`, `0.1`, `-0.0`, `1.`, `"a` + "\u2028" + `b"`, `123456789012345678.5`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, err := slowDecode(b)
		got, ok := fastDecode(b)
		if ok && (err != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%q: read as %#v, encoding/json gives %#v (%v)", b, got, want, err)
		}
		if err != nil {
			return
		}
		slow, err := slowEncode(want)
		if err != nil {
			t.Fatal(err)
		}
		if fast, ok := fastEncode(nil, want, 0); ok && !bytes.Equal(fast, slow) {
			t.Fatalf("written as %s, encoding/json gives %s", fast, slow)
		}
	})
}

func TestFastJSONIsUsed(t *testing.T) {
	const text = `{"body":{"id":7,"name":"Ada","price":12.5},"list":[1,"two",null,true]}`
	v, ok := fastDecode([]byte(text))
	if !ok {
		t.Fatal("a plain value is not read")
	}
	if b, ok := fastEncode(nil, v, 0); !ok || string(b) != text {
		t.Fatalf("a plain value is written as %s", b)
	}
}

func TestEventsAsEncodingJSONWritesThem(t *testing.T) {
	for _, e := range []Event{{}, {ID: "a\"b", Key: "ü<", At: -5, Trigger: "x", Data: map[string]any{"b": 1, "a": []any{nil}}}} {
		slow, err := slowEncode(e)
		if fast, ok := fastEncode(nil, e, 0); err != nil || !ok || !bytes.Equal(fast, slow) {
			t.Errorf("written as %s, encoding/json gives %s (%v)", fast, slow, err)
		}
	}
}

// Whatever field an event has, or gets one day, is written.
func TestEveryFieldOfAnEventIsWritten(t *testing.T) {
	for i := range reflect.TypeFor[Event]().NumField() {
		var e Event
		f := reflect.ValueOf(&e).Elem().Field(i)
		switch f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Int64, reflect.Int:
			f.SetInt(7)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Map:
			f.Set(reflect.ValueOf(map[string]any{"a": 1}))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		default:
			t.Fatalf("say what a %s looks like", f.Type())
		}
		slow, err := slowEncode(e)
		if got, err2 := EncodeJSON(e); err != nil || err2 != nil || !bytes.Equal(got, slow) {
			t.Errorf("written as %s, encoding/json gives %s (%v, %v)", got, slow, err, err2)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	text := []byte(`{"id":"019","key":"m-1","at":1790000000000,"data":{"body":{"count":3,"id":"m-1","name":"Ada Lovelace","price":12.5},"headers":{"content-type":"application/json"}}}`)
	v, _ := DecodeJSON(text)
	for name, f := range map[string]func(){
		"decode": func() { _, _ = DecodeJSON(text) }, "decode slowly": func() { _, _ = slowDecode(text) },
		"encode": func() { _, _ = EncodeJSON(v) }, "encode slowly": func() { _, _ = slowEncode(v) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				f()
			}
		})
	}
}
