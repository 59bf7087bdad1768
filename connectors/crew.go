package connectors

import "sync"

// maxIdle is how many goroutines a crew keeps.
const maxIdle = 64

// crew runs jobs beside whoever gives them, on goroutines that are used again: a fresh one grows its stack anew in every
// call, which costs more than the handing over.
type crew struct {
	jobs chan func()
	end  chan struct{}
	mu   sync.Mutex
	idle int
}

func newCrew() *crew { return &crew{jobs: make(chan func()), end: make(chan struct{})} }

// run starts a job at once.
func (c *crew) run(job func()) {
	select {
	case c.jobs <- job:
	default:
		go c.work(job)
	}
}

func (c *crew) work(job func()) {
	for {
		job()
		if !c.rest(1) {
			return
		}
		select {
		case job = <-c.jobs:
			c.rest(-1)
		case <-c.end:
			return
		}
	}
}

// rest counts who waits; false when enough do.
func (c *crew) rest(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && c.idle >= maxIdle {
		return false
	}
	c.idle += n
	return true
}

// close lets those go that wait, once what they do is done. Jobs may still be run.
func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.end:
	default:
		close(c.end)
	}
}
