package intake_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/intake"
)

// Senders that begin a delivery and do not end it keep nobody out: the one that has been at it longest gives way.
func TestSlowSendersGiveWay(t *testing.T) {
	r := newRig(func(o *intake.Options) { o.Slots = 3 })
	server := httptest.NewServer(r)
	defer server.Close()
	var slow []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		slow = append(slow, conn)
		// The answer to "100-continue" comes when the body is about to be read.
		fmt.Fprintf(conn, "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
		if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		resp, err := http.Post(server.URL+"/hooks/open", "application/json", strings.NewReader(fmt.Sprintf(`{"n":%d}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			t.Errorf("delivery %d beside slow ones: %d", i, resp.StatusCode)
		}
	}
	answer := make([]byte, len("HTTP/1.1 429"))
	if _, err := io.ReadFull(slow[0], answer); err != nil || string(answer) != "HTTP/1.1 429" {
		t.Errorf("the slowest: %q %v", answer, err)
	}
}
