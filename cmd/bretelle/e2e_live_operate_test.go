package main


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
	x.reads(ann, "bob denied", "duplicate of #398")
	t.Log(ann.Screen())
}
