package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Copy is a card that is still to be shown in one place: wanted with the decision that changed it, in one transaction,
// and posted by the lane of its channel. While it waits a newer draft replaces the older one.
type Copy struct {
	N      int64           // the order in its channel; given by the store
	Rev    int64           // of the draft; given by the store
	Key    string          // of the card
	Place  engine.Place    // Thread is "" where Draft says below which card it goes
	Run    string          // what it is about, so that it is erased with it; "" for none
	Draft  json.RawMessage // as drafted gives it
	At     int64           // first wanted
	Due    int64           // not before
	Tries  int             // that failed
	Since  int64           // fails since; 0 does not
	Alone  bool            // what is wrong is its own: those behind it in the channel do not wait for it
	Reason string          // why it failed last: an engine.Code
	Spare  engine.Place    // where a question goes when it can be posted nowhere; zero for nowhere
	Over   int64           // when; 0 never (any more)
}

// Queue is a channel in which copies wait.
type Queue struct {
	Place engine.Place // without a thread
	Count int
	Due   int64 // when the first one may be tried
	Since int64 // when the one failing longest failed first; 0 none fails
}

// Copies keeps what is still to be shown. Errors are Unavailable: nothing was stored.
type Copies interface {
	// Want stores copies without a notice, as Settled.Copies does with one. A copy of a key in a place that waits
	// already keeps its turn, what is known of its failures, and its way out unless the new one has none (Over 0); its
	// draft is replaced.
	Want(ctx context.Context, copies ...Copy) error
	// Queues lists channels in which copies wait.
	Queues(ctx context.Context) ([]Queue, error)
	// Waiting lists what waits in a channel, in its threads too, in order.
	Waiting(ctx context.Context, p engine.Place, limit int) ([]Copy, error)
	// CopiesOf lists the copies of a card that wait, in order.
	CopiesOf(ctx context.Context, key string) ([]Copy, error)
	// Shown stores what became of a copy and wants others, in one transaction. The copy does not wait any more, unless
	// its draft was replaced meanwhile (another Rev). Where a card of its key stands now, no copy of it goes elsewhere
	// any more.
	Shown(ctx context.Context, c Copy, cards []StoredCard, then ...Copy) error
	// PutOff stores Due, Tries, Since, Alone and Reason of a copy that failed.
	PutOff(ctx context.Context, c Copy) error
	// Spares lists copies with a way out (Over), the earliest first.
	Spares(ctx context.Context, limit int) ([]Copy, error)
	// GoElsewhere ends the waiting of a key's copies for their way out and wants others, in one transaction.
	GoElsewhere(ctx context.Context, key string, then ...Copy) error
	// Revive makes everything due that waits because a surface could not be reached.
	Revive(ctx context.Context, surface string) error
}
