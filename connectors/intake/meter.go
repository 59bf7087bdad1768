package intake

import (
	"errors"
	"net"
	"sync/atomic"
)

// mostHeard bounds what a mail server may say to one command, or a few, in bytes.
const mostHeard = 64 << 20

// meter is a connection that is over when too much was heard: the client keeps whatever a server says in memory.
type meter struct {
	net.Conn
	left atomic.Int64 // bytes that may still come
}

// errHeard is what reading gives then.
var errHeard = errors.New("the server says too much")

func (m *meter) Read(p []byte) (int, error) {
	left := m.left.Load()
	if left <= 0 {
		return 0, errHeard
	}
	n, err := m.Conn.Read(p[:min(int64(len(p)), left)])
	m.left.Add(-int64(n))
	return n, err
}
