package chat

import "strings"

// EmojiName is an emoji's name as Slack and GitHub write it, without colons and skin: signs that people paste where a name
// is wanted become names. Others, and signs that are not in the list, stay as they are, in small letters.
func EmojiName(s string) string {
	s, _, _ = strings.Cut(strings.Trim(strings.TrimSpace(s), ":"), "::")
	bare := strings.Map(func(r rune) rune {
		if r == 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff { // "as a picture", and skins
			return -1
		}
		return r
	}, s)
	if name := signName(bare); name != "" {
		return name
	}
	if bare != "" {
		s = bare
	}
	return strings.ToLower(s)
}

// signName is the name of a sign that people use to answer with (the short names of github.com/iamcal/emoji-data, which
// Slack shows); "" for any other.
func signName(sign string) string {
	switch sign {
	case "🎫":
		return "ticket"
	case "🎟":
		return "admission_tickets"
	case "👀":
		return "eyes"
	case "👍":
		return "+1"
	case "👎":
		return "-1"
	case "✅":
		return "white_check_mark"
	case "✔":
		return "heavy_check_mark"
	case "☑":
		return "ballot_box_with_check"
	case "❌":
		return "x"
	case "❎":
		return "negative_squared_cross_mark"
	case "❗":
		return "exclamation"
	case "❓":
		return "question"
	case "⚠":
		return "warning"
	case "🚨":
		return "rotating_light"
	case "🔥":
		return "fire"
	case "🐛":
		return "bug"
	case "🚀":
		return "rocket"
	case "🎉":
		return "tada"
	case "❤":
		return "heart"
	case "⭐":
		return "star"
	case "📌":
		return "pushpin"
	case "📝":
		return "memo"
	case "📣":
		return "mega"
	case "🔔":
		return "bell"
	case "🔖":
		return "bookmark"
	case "🔁":
		return "repeat"
	case "🛑":
		return "octagonal_sign"
	case "⛔":
		return "no_entry"
	case "🚫":
		return "no_entry_sign"
	case "⏳":
		return "hourglass_flowing_sand"
	case "⌛":
		return "hourglass"
	case "🙏":
		return "pray"
	case "👋":
		return "wave"
	case "🙋":
		return "raising_hand"
	case "💯":
		return "100"
	case "💡":
		return "bulb"
	case "🔒":
		return "lock"
	case "🔓":
		return "unlock"
	case "🟢":
		return "large_green_circle"
	case "🟡":
		return "large_yellow_circle"
	case "🔴":
		return "red_circle"
	case "➕":
		return "heavy_plus_sign"
	case "➖":
		return "heavy_minus_sign"
	}
	return ""
}
