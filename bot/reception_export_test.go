package bot

import "time"

// After has waits go by do instead of the clock.
func (r *Reception) After(do func(d time.Duration, f func())) { r.after = do }
