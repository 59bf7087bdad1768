package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/bretelle/bretelle/engine"
)

const (
	silenceMost  = 30 * time.Second // Slack's own libraries take as long
	helloMost    = 5 * time.Second  // for the dial, and again for "hello"
	ackWrite     = 5 * time.Second  // for one to leave
	flightsMost  = 256              // deliveries of one socket on their way into the inbox
	socketBuffer = 32 << 10         // an acknowledgement is one WebSocket frame; Slack does not join several
	responseMost = 20 << 10         // bytes of an acknowledgement; Slack drops a longer one without a word (slack-go, socketmode)
)

// connection is one socket.
type connection struct {
	n  *inbound
	ws *websocket.Conn

	tell  sync.Mutex    // of writes
	under chan struct{} // deliveries on their way into the inbox
	last  chan struct{} // closed when the last event before is begun
}

// connect holds one connection until it ends. greeted is whether Slack said "hello", silent whether it was left because
// nobody answered; an error says why it could not be opened.
func (n *inbound) connect(ctx context.Context) (greeted, silent bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ws, err := n.dial(ctx)
	if err != nil {
		return false, false, err
	}
	c := &connection{n: n, ws: ws, under: make(chan struct{}, flightsMost)}
	ws.SetReadLimit(2 * frameMost)
	silence := n.o.Silence
	if silence <= 0 {
		silence = silenceMost
	}
	beaten := func() { _ = ws.SetReadDeadline(time.Now().Add(2 * silence)) } // Slack pings: the socket's clock, not ours
	p := n.peer.On(ws, beaten)
	var around sync.WaitGroup
	around.Go(func() {
		if silent = p.Watch(ctx); silent {
			cancel()
		}
	})
	around.Go(func() { // a reader cannot be cancelled otherwise
		<-ctx.Done()
		_ = ws.Close()
	})
	_ = ws.SetReadDeadline(time.Now().Add(helloMost))
	for {
		raw, err := p.Read()
		if err != nil {
			break
		}
		var r socketmode.Request
		if json.Unmarshal(raw, &r) != nil {
			continue // a frame that is none is nobody's event
		}
		if r.Type == socketmode.RequestTypeDisconnect {
			break
		}
		if r.Type == socketmode.RequestTypeHello && !greeted {
			greeted = true
			n.line.set(n.now(), 1, nil)
		}
		c.fly(ctx, r)
		if greeted {
			beaten() // also when it had to wait, which is not Slack's fault
		}
	}
	cancel()
	around.Wait()
	if greeted {
		n.line.set(n.now(), -1, nil)
		return true, silent, nil
	}
	return false, silent, engine.E(engine.Unavailable, "Slack does not greet").WithOp("slack.listen")
}

// dial opens a socket.
func (n *inbound) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*helloMost)
	defer cancel()
	client := n.o.Client
	if client == nil {
		client = http.DefaultClient
	}
	options := []slackgo.Option{slackgo.OptionAppLevelToken(n.o.App.Reveal()), slackgo.OptionHTTPClient(client)}
	if n.o.APIURL != "" {
		options = append(options, slackgo.OptionAPIURL(strings.TrimSuffix(n.o.APIURL, "/")+"/"))
	}
	_, address, err := slackgo.New("", options...).StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: helloMost, WriteBufferSize: socketBuffer}
	ws, resp, err := d.DialContext(ctx, address, http.Header{"Origin": {"https://api.slack.com"}})
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return ws, err
}

// fly takes a delivery while the socket goes on reading: what stands in the inbox is committed together. Events are
// begun in the order in which they came.
func (c *connection) fly(ctx context.Context, r socketmode.Request) {
	if r.EnvelopeID == "" {
		return
	}
	select {
	case c.under <- struct{}{}:
	case <-ctx.Done():
		return
	}
	before, begun := c.last, make(chan struct{})
	if r.Type == socketmode.RequestTypeEventsAPI {
		c.last = begun
	} else {
		before = nil
	}
	go func() {
		defer func() { <-c.under }()
		defer close(begun)
		ack, after, err := c.n.receive(ctx, r.Payload)
		if err != nil {
			c.n.log().Warn("a delivery could not be kept and comes again", "surface", "slack", "err", err)
		} else {
			c.acknowledge(r.EnvelopeID, ack)
		}
		if before != nil {
			<-before
		}
		after()
	}()
}

// acknowledge answers a delivery. One whose acknowledgement is lost comes again, and is known.
func (c *connection) acknowledge(id string, ack json.RawMessage) {
	answer := socketmode.Response{EnvelopeID: id}
	if ack != nil {
		answer.Payload = ack
	}
	raw, err := json.Marshal(answer)
	if err == nil && len(raw) >= responseMost {
		c.n.log().Warn("an answer is longer than Slack takes", "surface", "slack", "bytes", len(raw))
		return
	}
	if err != nil {
		return
	}
	c.tell.Lock()
	defer c.tell.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(ackWrite))
	_ = c.ws.WriteMessage(websocket.TextMessage, raw)
}
