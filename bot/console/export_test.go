package console

// Attached reports whether Listen has begun.
func (c *Console) Attached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.handler != nil
}
