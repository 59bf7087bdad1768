package enginetest

// The flows of the suite. Each listens on its own path.

// wholeFlow has every kind of crash point: a gate, a call that must not be repeated, one that may, a pause.
const wholeFlow = `
flow: whole
title: Everything once
channel: "#ops"
trigger: {on: webhook.received, with: {path: whole, sender: unsigned}}
steps:
  - id: name
    set: {who: "{{ event.body.name }}"}
  - id: look
    do: test.thing.read
    with: {name: "{{ vars.who }}"}
  - id: review
    ask: approval
    covers: [create]
    with: {title: "Create {{ vars.who }}?", by: {any: ["@ops"], need: 1}}
  - id: create
    do: test.thing.create
    with: {name: "{{ vars.who }}"}
  - id: branch
    if: "{{ steps.create.ok }}"
    then:
      - id: pause
        wait: {for: 1h}
      - id: put
        do: test.thing.put
        with: {name: "{{ vars.who }}"}
`

// shortFlow is what the benchmarks run.
const shortFlow = `
flow: short
title: Short
channel: "#ops"
trigger: {on: webhook.received, with: {path: short, sender: unsigned}}
steps:
  - id: name
    set: {who: "{{ event.body.name }}"}
  - id: branch
    if: "{{ vars.who != '' }}"
    then:
      - id: put
        do: test.thing.put
        with: {name: "{{ vars.who }}"}
`

// oneStep is a flow with one action.
func oneStep(name, action, more string) string {
	return `
flow: ` + name + `
title: One step
channel: "#ops"
trigger: {on: webhook.received, with: {path: ` + name + `, sender: unsigned}, key: "{{ event.key }}"}
steps:
  - id: act
    do: ` + action + `
    with: {name: "{{ event.body.name ?? 'x' }}"}
` + more
}

// asking is a flow that asks before it creates; by and more are members of the approval, "{any: [...]}" and "remind: 4h".
func asking(name, by, more string) string {
	return `
flow: ` + name + `
title: Asking
channel: "#ops"
trigger: {on: webhook.received, with: {path: ` + name + `, sender: unsigned}}
steps:
  - id: look
    do: test.thing.read
  - id: review
    ask: approval
    covers: [create]
    with: {title: "Create?", ` + by + `}
` + more + `
  - id: create
    do: test.thing.create
    with: {text: "as planned"}
`
}
