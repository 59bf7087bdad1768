package prompts

import "strings"

// EmojiSign is the character of an emoji that is given by name ("thumbsup", "+1", ":tada:"), or that is one already
// ("👍", with or without a skin tone, which is kept). ok is false for names that are not in the table: a workspace's own
// emoji, or a rare one.
func EmojiSign(emoji string) (sign string, ok bool) {
	name := TrimEmoji(emoji)
	if _, known := emojiNamed(name); known {
		return name, true
	}
	name, tone, toned := strings.Cut(name, "::")
	for _, e := range emojis() {
		for _, n := range e[1:] {
			if n != strings.ToLower(name) {
				continue
			}
			if i := strings.Index("23456", strings.TrimPrefix(tone, "skin-tone-")); toned && i >= 0 && len(tone) == len("skin-tone-2") {
				return bare(e[0]) + string(rune(0x1F3FB+i)), true
			}
			return e[0], true
		}
	}
	return "", false
}

// EmojiName is the name that an emoji has on Slack, without colons: of its character, whatever its skin tone, or of
// another name for it ("thumbsup" is "+1"). ok is false for one that is not in the table.
func EmojiName(emoji string) (name string, ok bool) {
	emoji = TrimEmoji(emoji)
	if name, ok = emojiNamed(emoji); ok {
		return name, true
	}
	emoji, _, _ = strings.Cut(emoji, "::")
	for _, e := range emojis() {
		for _, n := range e[1:] {
			if n == strings.ToLower(emoji) {
				return e[1], true
			}
		}
	}
	return "", false
}

// TrimEmoji is an emoji's name without colons and blanks around it.
func TrimEmoji(emoji string) string { return strings.Trim(strings.TrimSpace(emoji), ":") }

func emojiNamed(sign string) (name string, ok bool) {
	for _, e := range emojis() {
		if bare(e[0]) == bare(sign) {
			return e[1], true
		}
	}
	return "", false
}

// bare is a sign without the marks that only say how it is drawn: a variation selector, a skin tone.
func bare(sign string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xFE0F || r >= 0x1F3FB && r <= 0x1F3FF {
			return -1
		}
		return r
	}, sign)
}

// emojis are the common ones: the character, Slack's name, and what else it is called there or on Discord. Source: the
// short names of the Unicode emoji that both platforms' clients complete.
func emojis() [][]string {
	return [][]string{
		{"👍", "+1", "thumbsup", "thumbs_up"}, {"👎", "-1", "thumbsdown", "thumbs_down"},
		{"✅", "white_check_mark"}, {"✔️", "heavy_check_mark"}, {"☑️", "ballot_box_with_check"},
		{"❌", "x"}, {"❎", "negative_squared_cross_mark"}, {"✖️", "heavy_multiplication_x"}, {"🚫", "no_entry_sign"}, {"⛔", "no_entry"},
		{"❓", "question"}, {"❔", "grey_question"}, {"❗", "exclamation", "heavy_exclamation_mark"}, {"❕", "grey_exclamation"}, {"‼️", "bangbang"},
		{"⚠️", "warning"}, {"🛑", "octagonal_sign", "stop_sign"}, {"🚨", "rotating_light"}, {"🚧", "construction"}, {"ℹ️", "information_source"},
		{"👀", "eyes"}, {"👋", "wave"}, {"👏", "clap"}, {"🙏", "pray", "folded_hands"}, {"🙌", "raised_hands"}, {"👌", "ok_hand"}, {"💪", "muscle"},
		{"✋", "hand", "raised_hand"}, {"👉", "point_right"}, {"👈", "point_left"}, {"☝️", "point_up"}, {"👆", "point_up_2"}, {"👇", "point_down"},
		{"🤝", "handshake"}, {"✌️", "v"}, {"🤞", "crossed_fingers", "hand_with_index_and_middle_fingers_crossed"}, {"🫡", "saluting_face"}, {"🤷", "shrug"},
		{"😀", "grinning"}, {"😃", "smiley"}, {"😄", "smile"}, {"😁", "grin"}, {"😅", "sweat_smile"}, {"😂", "joy"}, {"🤣", "rolling_on_the_floor_laughing", "rofl"},
		{"🙂", "slightly_smiling_face", "slight_smile"}, {"🙃", "upside_down_face", "upside_down"}, {"😉", "wink"}, {"😊", "blush"}, {"😍", "heart_eyes"},
		{"😎", "sunglasses"}, {"🤔", "thinking_face", "thinking"}, {"😐", "neutral_face"}, {"😕", "confused"}, {"🙁", "slightly_frowning_face", "slight_frown"},
		{"😢", "cry"}, {"😭", "sob"}, {"😡", "rage"}, {"😱", "scream"}, {"😴", "sleeping"}, {"🤖", "robot_face", "robot"}, {"👻", "ghost"}, {"💀", "skull"}, {"💩", "hankey", "poop"},
		{"❤️", "heart"}, {"🧡", "orange_heart"}, {"💛", "yellow_heart"}, {"💚", "green_heart"}, {"💙", "blue_heart"}, {"💜", "purple_heart"}, {"🖤", "black_heart"}, {"💔", "broken_heart"},
		{"🎉", "tada"}, {"🎊", "confetti_ball"}, {"🎂", "birthday"}, {"🎁", "gift"}, {"🏆", "trophy"}, {"🥇", "first_place_medal", "first_place"}, {"🍾", "champagne"}, {"☕", "coffee"}, {"🍺", "beer"}, {"🍻", "beers"}, {"🍕", "pizza"},
		{"🚀", "rocket"}, {"🔥", "fire"}, {"✨", "sparkles"}, {"⭐", "star"}, {"🌟", "star2"}, {"⚡", "zap"}, {"💥", "boom", "collision"}, {"💯", "100"}, {"☀️", "sunny"}, {"🌈", "rainbow"}, {"❄️", "snowflake"},
		{"🐛", "bug"}, {"🐞", "ladybug", "lady_beetle"}, {"🔧", "wrench"}, {"🔨", "hammer"}, {"🛠️", "hammer_and_wrench", "tools"}, {"⚙️", "gear"}, {"🧪", "test_tube"}, {"🧹", "broom"}, {"🩹", "adhesive_bandage"},
		{"📌", "pushpin"}, {"📎", "paperclip"}, {"📝", "memo", "pencil"}, {"✏️", "pencil2"}, {"📅", "date"}, {"📆", "calendar"}, {"📈", "chart_with_upwards_trend"}, {"📉", "chart_with_downwards_trend"}, {"📊", "bar_chart"},
		{"📣", "mega"}, {"📢", "loudspeaker"}, {"🔔", "bell"}, {"🔕", "no_bell"}, {"📧", "e-mail", "email"}, {"✉️", "envelope"}, {"📨", "incoming_envelope"}, {"📦", "package"}, {"📞", "telephone_receiver"}, {"💬", "speech_balloon"},
		{"💡", "bulb"}, {"🔍", "mag"}, {"🔎", "mag_right"}, {"🔒", "lock"}, {"🔓", "unlock"}, {"🔑", "key"}, {"🔗", "link"}, {"🗑️", "wastebasket"}, {"🎫", "ticket"}, {"💰", "moneybag"}, {"🏷️", "label"}, {"📁", "file_folder"}, {"💾", "floppy_disk"}, {"💻", "computer"},
		{"⏰", "alarm_clock"}, {"⏳", "hourglass_flowing_sand"}, {"⌛", "hourglass"}, {"⏱️", "stopwatch"}, {"⏸️", "double_vertical_bar", "pause_button"}, {"▶️", "arrow_forward"}, {"⏹️", "black_square_for_stop", "stop_button"}, {"🔁", "repeat"}, {"🔄", "arrows_counterclockwise"},
		{"➕", "heavy_plus_sign"}, {"➖", "heavy_minus_sign"}, {"➡️", "arrow_right"}, {"⬅️", "arrow_left"}, {"⬆️", "arrow_up"}, {"⬇️", "arrow_down"}, {"↩️", "leftwards_arrow_with_hook"},
		{"🔴", "red_circle"}, {"🟠", "large_orange_circle", "orange_circle"}, {"🟡", "large_yellow_circle", "yellow_circle"}, {"🟢", "large_green_circle", "green_circle"}, {"🔵", "large_blue_circle", "blue_circle"}, {"⚪", "white_circle"}, {"⚫", "black_circle"}, {"🟥", "large_red_square"}, {"🟩", "large_green_square"},
		{"0️⃣", "zero"}, {"1️⃣", "one"}, {"2️⃣", "two"}, {"3️⃣", "three"}, {"4️⃣", "four"}, {"5️⃣", "five"}, {"6️⃣", "six"}, {"7️⃣", "seven"}, {"8️⃣", "eight"}, {"9️⃣", "nine"}, {"🔟", "keycap_ten"},
		{"🆗", "ok"}, {"🆕", "new"}, {"🆘", "sos"}, {"🏁", "checkered_flag"}, {"🚩", "triangular_flag_on_post"}, {"🌍", "earth_africa"}, {"🏠", "house"}, {"🚢", "ship"}, {"🎯", "dart"}, {"👤", "bust_in_silhouette"}, {"👥", "busts_in_silhouette"},
	}
}
