// Package web is the connector "http": one action that calls any web address.
//
//	with: {method, url, query, headers, json | form | body, expect, timeout, …}
//	      │ traits: risk and repeatability by method; a method known only at run time counts as destroy
//	      ▼
//	   request ── Call.HTTP ──▶ {status, headers, body}      body parsed when the answer is JSON, else text
//
// Why risk depends on the input: a flow that GETs must not ask anybody, one that DELETEs must. The rules are those
// of CONTRACTS, "What is retried, and what is unknown".
package web
