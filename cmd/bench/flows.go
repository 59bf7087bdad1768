package main

import "fmt"

// head begins a flow whose name is its path. A key makes a delivery that comes twice one run.
func head(path string, keyed bool) string {
	key := ""
	if keyed {
		key = "\n  key: \"{{ string(event.body.n) }}\""
	}
	return fmt.Sprintf("flow: %s\nchannel: \"#ops\"\ntrigger:\n  on: webhook.received\n  with: {path: %s, sender: unsigned}%s\nsteps:\n", path, path, key)
}

// flowOf is the flow of issue 5: set (four fields by expression) → if → http.request. The call is a POST that must not
// be repeated blindly, the dearest kind: its intent is on disk before it is made. safe makes it one that may be repeated.
func flowOf(path, url string, keyed, safe bool) string {
	more := ""
	if safe {
		more = ", repeat_safe: true"
	}
	return head(path, keyed) + fmt.Sprintf(`  - id: keep
    set:
      n: "{{ event.body.n }}"
      title: "{{ upper(event.body.title) }}"
      urgent: "{{ event.body.priority > 2 }}"
      who: "{{ event.body.user.name ?? 'nobody' }}"
  - id: choose
    if: "{{ steps.keep.n >= 0 and len(steps.keep.title) > 0 }}"
    then:
      - id: call
        do: http.request
        with: {method: POST, url: "%s/x", allow_private: true, json: {n: "{{ steps.keep.n }}", title: "{{ steps.keep.title }}", who: "{{ steps.keep.who }}"}%s}
`, url, more)
}

// body is a delivery of about the size of a small form.
func body(n int64) []byte {
	return fmt.Appendf(nil, `{"n": %d, "action": "opened", "title": "Something to do", "priority": %d, "user": {"id": %d, "name": "Ada"}}`, n, n%5, 1000+n%97)
}

func always(path string) func(int64) string { return func(int64) string { return path } }
