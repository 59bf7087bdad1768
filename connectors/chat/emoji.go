package chat

import "strings"

// EmojiName is an emoji as it is compared: without colons, skin and the mark "as a picture", in small letters. Signs stay
// signs here; which name a sign has, or which other names a name has, the surfaces know.
func EmojiName(s string) string {
	s, _, _ = strings.Cut(strings.Trim(strings.TrimSpace(s), ":"), "::")
	bare := strings.Map(func(r rune) rune {
		if r == 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff {
			return -1
		}
		return r
	}, s)
	if bare != "" {
		s = bare
	}
	return strings.ToLower(s)
}

// emojiShown is an emoji as a sentence shows it: names between colons, signs as they are.
func emojiShown(s string) string {
	s = EmojiName(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) {
		return s
	}
	return ":" + s + ":"
}
