package discord

// Worldwide marks that a user has one id in every guild and in direct messages, which belong to none.
func (s *Surface) Worldwide() {}
