package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

type flowRow struct {
	engine.FlowHead
	Path, Word string
	Changed    instant
}

type flowsPage struct {
	Flows []flowRow
	Words runWords
}

// getFlows lists the flows that a person may see.
func (c *Console) getFlows(w http.ResponseWriter, r *http.Request, s seat) {
	lang := prompts.Lang(s.person.Lang)
	p := flowsPage{Words: runWordsIn(lang)}
	if c.o.Flows != nil {
		heads, err := c.o.Flows(r.Context(), s.person.ID)
		if err != nil {
			c.fail(w, r, s, err)
			return
		}
		for _, h := range heads {
			p.Flows = append(p.Flows, flowRow{h, flowPath(h.Name), stateWord(lang, string(h.State)), instantOf(h.Changed, zone(s.person))})
		}
	}
	c.seated(w, r, s, http.StatusOK, "flows", frame{Title: chromeIn(lang).Flows, Page: p})
}

// cardPage is the page of the console that a name on a card leads to; "" for none.
func cardPage(page string) string {
	kind, name, _ := strings.Cut(page, "/")
	if kind != "flow" && kind != "run" || name == "" || strings.Trim(name, ".") == "" || url.PathEscape(name) != name {
		return ""
	}
	return "/" + page
}
