package web

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// recorded are the exchanges that show how requests are made, and how answers are read.
func recorded() []connectors.Test[Input] {
	const tracker = "https://tracker.example.org"
	return []connectors.Test[Input]{
		{
			Name: "JSON goes out, JSON comes back",
			In: Input{Method: "POST", URL: tracker + "/issues", JSON: map[string]any{"title": "It <breaks>", "id": 9007199254740993},
				Headers: map[string]string{"X-Team": "triage"}},
			Calls: []connectors.Exchange{{
				Method: "POST", URL: tracker + "/issues", Body: `{"id":9007199254740993,"title":"It <breaks>"}`,
				Header: map[string]string{"Content-Type": "application/json", "X-Team": "triage", "User-Agent": "Bretelle"},
				Status: 201, Answer: map[string]string{"Content-Type": "application/json"}, Text: `{"id":9007199254740995}`,
			}},
			Out: map[string]any{"status": 201, "body": map[string]any{"id": 9007199254740995}},
		},
		{
			Name: "a form, a query, a text answer",
			In: Input{Method: "PUT", URL: tracker + "/a?b=1", Query: map[string]any{"c": []any{"x", 2}},
				Form: map[string]any{"name": "Ada & Co", "n": 3}},
			Calls: []connectors.Exchange{{
				Method: "PUT", URL: tracker + "/a?b=1&c=x&c=2", Body: "n=3&name=Ada+%26+Co",
				Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
				Status: 200, Answer: map[string]string{"Content-Type": "text/plain"}, Text: "stored",
			}},
			Out: map[string]any{"status": 200, "body": "stored"},
		},
		{
			Name:    "an account, a safe repeat, an expected 404",
			In:      Input{Method: "POST", URL: tracker + "/b", Body: "hello", Account: "tracker", RepeatSafe: true, Expect: "2xx,404"},
			Account: &engine.Credential{Name: "tracker", Origin: tracker, Header: "Authorization", Value: engine.NewSecret("Bearer for-the-test")},
			Calls: []connectors.Exchange{{
				Method: "POST", URL: tracker + "/b", Body: "hello",
				Header: map[string]string{"Authorization": "Bearer for-the-test", "Idempotency-Key": "run/step"},
				Status: 404, Answer: map[string]string{"Content-Type": "application/json"}, Text: `{"you sent":"for-the-test"}`,
			}},
			Out: map[string]any{"status": 404, "body": map[string]any{"you sent": "***"}},
		},
		{
			Name: "a redirect of a read is followed",
			In:   Input{Method: "GET", URL: tracker + "/old"},
			Calls: []connectors.Exchange{
				{Method: "GET", URL: tracker + "/old", Status: 302, Answer: map[string]string{"Location": "/new"}},
				{Method: "GET", URL: tracker + "/new", Status: 204},
			},
			Out: map[string]any{"status": 204, "body": nil},
		},
		{
			Name: "a redirect of a write is not",
			In:   Input{Method: "POST", URL: tracker + "/old", Body: "x"},
			Calls: []connectors.Exchange{
				{Method: "POST", URL: tracker + "/old", Body: "x", Status: 307, Answer: map[string]string{"Location": "/new"}},
			},
			Class: engine.Rejected,
		},
	}
}
