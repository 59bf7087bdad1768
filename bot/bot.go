package bot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/rehearse"
)

// Runs is what the bot asks of the runtime. Errors: NotFound for a run or trigger that is not there, Unavailable
// when nothing could be stored or read.
type Runs interface {
	engine.Intake
	engine.Signaller
	// Run is a run as it is now, by id.
	Run(ctx context.Context, id string) (engine.RunView, error)
	// RunID finds the id of a run's number.
	RunID(ctx context.Context, number int64) (string, error)
	// List lists runs newest first; an empty flow or no states do not filter.
	List(ctx context.Context, flow string, states []engine.RunState, limit int) ([]engine.RunHead, error)
	// Events lists what came for a flow lately, newest first.
	Events(ctx context.Context, flow string, limit int) ([]Occurrence, error)
	// Recent is Events that reads at most so many bytes of what came: older events come without their Data.
	Recent(ctx context.Context, flow string, limit, most int) ([]Occurrence, error)
}

// Mender is what the bot asks of the runtime beyond one run at a time. Errors: as Runs.
type Mender interface {
	// SignalAll stores, in one transaction, what a person says to several runs; each is told it once, whatever happens
	// meanwhile. id names the occasion.
	SignalAll(ctx context.Context, id string, list []engine.Signal) error
	// PlanAgain says what running a run again from a step on would do; NotFound for a step or version that is not there,
	// Conflict where nothing can be taken over.
	PlanAgain(ctx context.Context, ask engine.AgainAsk) (engine.AgainPlan, error)
	// PlanUndo says how a run, or one of its steps by id, can be taken back; Conflict while it is under way, or is being
	// taken back already.
	PlanUndo(ctx context.Context, run, step string) (engine.UndoPlan, error)
	// RunUndo begins the run that does it. Conflict where there is nothing to take back.
	RunUndo(ctx context.Context, run, step, by string) (engine.Receipt, error)
	// RunAgain does it, if the run is still as the plan of entry seq saw it, else Conflict. once names the occasion.
	RunAgain(ctx context.Context, ask engine.AgainAsk, seq int64, by, once string) (engine.Receipt, error)
}

// Occurrence is an event and what became of it.
type Occurrence struct {
	Event   engine.Event
	Outcome engine.Outcome
	Reason  string
	Number  int64        // of the run; 0 when there is none
	Line    *engine.Line // its run has not begun; nil otherwise
}

// Flows is what the bot asks of the library of flows. Errors: NotFound for an unknown name, Conflict when somebody
// else was faster, Unavailable.
type Flows interface {
	List(ctx context.Context) ([]engine.FlowHead, error)
	Head(ctx context.Context, name string) (engine.FlowHead, error)
	// Source is the text of "draft", "live" or a version's number.
	Source(ctx context.Context, name, which string) ([]byte, error)
	// Publish makes the draft live; with Problems.Bad nothing changed.
	Publish(ctx context.Context, name, by string) (engine.FlowHead, engine.Problems, error)
	// SetState pauses, resumes (live) or retires.
	SetState(ctx context.Context, name string, s engine.FlowState, by string) (engine.FlowHead, error)
	// ManualTrigger is the trigger id to offer an event started by hand under.
	ManualTrigger(ctx context.Context, name string) (string, error)
}

// Options of a Bot. People, Outbox, Audit, Runs and Flows are required.
type Options struct {
	People   People
	Outbox   Outbox
	Inbox    Inbox // for surfaces that must keep a delivery before they acknowledge it; the bot itself only lends it
	Audit    Auditor
	Runs     Runs
	Flows    Flows
	Surfaces []Surface
	Operator engine.Place                    // where to speak when nowhere else works; zero is the console's #general
	Command  string                          // name of the slash command without the slash; "" is "flow"
	Link     func(run engine.RunHead) string // public URL of a run's page; nil or "" shows none
	Now      func() time.Time                // nil: time.Now
	// Misfits is what an action would refuse in an input before it sends anything, by field, so that the dialog can
	// say it. Nil finds nothing.
	Misfits func(action string, in map[string]any) map[string]*engine.Error

	// What building flows needs. Without Drafts and Catalog flows are not built here; the others may be nil.
	Drafts    Drafts
	Catalog   engine.Catalog
	Samples   Samples
	Sampler   Sampler
	Secrets   Secrets
	Hooks     func() Hooks // where webhooks are received; nil: not known
	Templates Templates
	// Accounts lists the stored credentials, without what is secret in them. Nil: not known.
	Accounts  func(ctx context.Context) ([]engine.Credential, error)
	Tables    Tables             // nil: there are none
	Rehearser rehearse.Rehearser // does, of a dry run, what changes nothing

	Starters Starters // flows' own forms and commands; nil: there are none
	Listener Listener // hears messages, reactions and who joins; nil: nobody does
	Floods   Floods   // takes answers to floods
	Budgets  Budgets  // takes answers to budgets that are used up
	Peers    Peers    // takes what people say to services that do not answer
	Mender   Mender   // mends several runs at once; nil: one at a time
	// Shortcuts are flows to run on a message; nil: there are none.
	Shortcuts Shortcuts

	Tick time.Duration // how often the outbox is looked at unasked; 0 is 15 s
	Log  *slog.Logger  // nil: slog.Default
}

// Bot is the handler of every surface and the deliverer of notices. It is safe for concurrent use.
type Bot struct {
	o        Options
	surfaces map[string]Surface
	wake     chan struct{}

	delivering sync.Mutex // one pass over the outbox at a time
	lanes      lanes
	pacing     sync.Mutex // gates and buckets
	spaces     map[spaceKey]*space
	waits      map[string]wait
	alerts     sync.Mutex // an alert is read, changed and stored by one at a time
	claims     sync.Mutex // tickets are turned into people one at a time
	roles      sync.Mutex // roles, groups and channels are read, changed and stored by one at a time
	saying     saying
	speaking   speaking
	loose      loose
	marks      sync.Mutex // what is remembered of messages is read, changed and stored by one at a time
	typing     sync.Mutex // forms are put together one at a time
	stale      refreshes
	hellos     seldom // who was told how to talk to the bot
}

var _ Handler = (*Bot)(nil)

// New makes a bot. The error is Invalid when something required is missing or two surfaces have one name.
func New(o Options) (*Bot, error) {
	if o.People == nil || o.Outbox == nil || o.Audit == nil || o.Runs == nil || o.Flows == nil {
		return nil, engine.E(engine.Invalid, "the bot needs people, outbox, audit, runs and flows").WithOp("bot.New")
	}
	if o.Operator.Channel == "" {
		o.Operator = engine.Place{Surface: engine.ConsoleSurface, Channel: "#general"}
	}
	if o.Command == "" {
		o.Command = "flow"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tick <= 0 {
		o.Tick = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	b := &Bot{o: o, surfaces: map[string]Surface{}, wake: make(chan struct{}, 1), waits: map[string]wait{}, spaces: map[spaceKey]*space{},
		lanes: lanes{all: map[engine.Place]*lane{}, busy: map[string]int{}, down: map[string]*outage{}}}
	b.lanes.idle = sync.NewCond(&b.lanes.mu)
	for _, s := range o.Surfaces {
		if _, twice := b.surfaces[s.Name()]; twice {
			return nil, engine.E(engine.Invalid, "two surfaces are called {name}", "name", s.Name()).WithOp("bot.New")
		}
		b.surfaces[s.Name()] = s
	}
	return b, nil
}

// Inbox is where surfaces keep deliveries before acknowledging them (R14); nil when there is none.
func (b *Bot) Inbox() Inbox { return b.o.Inbox }

// Wake has the outbox looked at soon. Call it after a commit that may have raised notices; it never blocks.
func (b *Bot) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *Bot) now() int64 { return engine.Millis(b.o.Now()) }

// audit writes one row. What was decided stands whether or not the row could be written, so a failure is logged and
// not shown: telling a person that their durable click failed would be a lie.
func (b *Bot) audit(ctx context.Context, actor, what, object, detail string) {
	if actor == "" {
		actor = "unknown"
	}
	err := b.o.Audit.Audit(context.WithoutCancel(ctx), engine.AuditEntry{At: b.now(), Actor: actor, What: what, Object: object, Detail: detail})
	if err != nil {
		b.o.Log.Error("an audit row could not be written", "what", what, "object", object, "err", err)
	}
}
