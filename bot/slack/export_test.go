package slack

import "time"

// Hurry has submissions answered at once, with what is known then.
func Hurry(s *Surface) { s.in.most = 10 * time.Millisecond }
