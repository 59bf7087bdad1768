package main

import "strings"

// operate is a flow's life in chat after it was published: a run is approved, one with another text, one refused; one
// fails, is mended and the alert turns; the flow is muted, paused, looked at, compared and taken back.
func (x *inside) operate(ann, bob chat, secret string) {
	t := x.bench.t
	t.Helper()
	nth := 0
	bug := func() {
		t.Helper()
		d := ownDeliveries(t)[1]
		nth++
		d.id += string(rune('a' + nth))
		if got := x.signed(secret, d); got != "202 Accepted" {
			t.Fatalf("an event is answered with %s", got)
		}
	}
	x.reads(ann, "published bug-triage")
	bug()
	x.reads(bob, "Ticket for", "POST "+x.rc.URL+"/tickets", "1 needed", "Edit and approve", "Deny")
	bob.Press("Details")
	x.reads(bob, "1 review", "2 ticket")
	bob.Press("Approve")
	x.b.await(1, "done")
	x.reads(ann, "bob approved at", "Ticket 1 for")
	ann.Do("why", "flow", "bug-triage")
	x.reads(ann, "started #1")

	bug()
	x.reads(bob, "#2")
	bob.Press("Edit and approve")
	bob.Set("ticket.json", `{"title": "Better words"}`)
	bob.Save()
	x.b.await(2, "done")
	x.reads(ann, "bob changed Body and approved")

	bug()
	x.reads(bob, "#3")
	bob.Press("Deny")
	bob.Set("reason", "duplicate of #398")
	bob.Save()
	x.b.await(3, "failed", "stopped", "denied", "canceled")
	x.reads(ann, "bob denied: duplicate of #398")

	x.rc.set(wantsProject)
	bug()
	x.reads(bob, "#4")
	bob.Press("Approve")
	x.b.await(4, "parked")
	x.reads(ann, `answered 422: "project is required"`, "Fix input", "Pause flow")
	ann.Press("Fix input")
	ann.Set("json", `{"title": "one", "project": "WEB"}`)
	x.reads(ann, "Approved as plan")
	ann.Save()
	x.b.await(4, "waiting") // what is sent changes: it is asked again
	bob.Press("Approve")
	x.b.await(4, "done")
	x.reads(ann, "works again", "1 of 1 run done")
	x.rc.set(nil)
}

// lookAround asks for all there is to read, and changes the flow's text over again.
func (x *inside) lookAround(ann, bob chat) {
	x.bench.t.Helper()
	bob.Do("pending")
	x.reads(bob, "Nothing waits for anybody")
	ann.Do("runs", "flow", "bug-triage")
	x.reads(ann, "#4", "#1")
	ann.Do("runs", "flow", "4")
	x.reads(ann, "bug-triage #4", "http.request")
	ann.Do("show", "flow", "bug-triage")
	x.reads(ann, "http.request POST")
	ann.Do("pause", "flow", "bug-triage")
	x.reads(ann, "paused")
	ann.Do("resume", "flow", "bug-triage")
	ann.Do("help")
	x.reads(ann, "/flow new")
	ann.Do("home")
	x.reads(ann, "bug-triage")
	ann.Do("version list", "flow", "bug-triage")
	x.reads(ann, "version 1")
	x.b.apply(strings.Replace(x.b.cli("flow", "export", "bug-triage"), "Bugs become tickets", "Bugs become better tickets", 1))
	x.reads(ann, "version 2")
	ann.Do("version compare", "flow", "bug-triage", "a", "1", "b", "2")
	x.reads(ann, "Bugs become better tickets")
	ann.Do("version rollback", "flow", "bug-triage", "version", "1")
	x.reads(ann, "Roll bug-triage back to version 1?")
	ann.Press("Roll back")
	x.reads(ann, "version 3")
	ann.Do("admin link")
	x.reads(ann, "admin claim")
	ann.Do("help", "about", "version")
	x.reads(ann, "/flow version rollback")
}
