package pack

// words is the first dictionary: what events, inputs and answers are made of. It must never change: what was squeezed
// with it could not be read any more. Another one gets a number of its own (see expand).
const words = `run.startedrun.begunstep.startedstep.skippedstep.donestep.failedstep.parkedattempt.startedattempt.lostprobe.done` +
	`ask.openedask.votedask.editedask.answeredask.decidedtimer.firedwait.answeredround.doneeach.itemsrun.cancelrun.ended` +
	`outcome.askedoutcome.given","reason":"false","index":,"case":null,"error":{"code":"message":"hint":"` +
	`"class":"busy","status":429"class":"unsure","status":500"class":"not-sent","code":"unavailable","peer":"` +
	`"count":,"results":[{"item":{"title":"description":"summary":"comment":"created_at":"updated_at":"` +
	`T00:00:00Z","html_url":"https://github.com/repository":{"full_name":"sender":{"login":"action":"opened","issue":{` +
	`"labels":[{"name":"priority":"amount":"currency":"quantity":"price":"total":"customer":{"email":"@example.com",` +
	`"first_name":"last_name":"phone":"address":"city":"country":"company":"subject":"message":"channel":"user":"text":"` +
	`{"timer":"retry:expire:remind:wait:{"found":"happened"{"choice":"approve","groups":["@","groups_at":17,"plan":"sha256:` +
	`,"via":"slack","by":"discord","console"{"fields":{"false,"true,"null,"[]}{}},"url":"http://127.0.0.1:https://api.` +
	`/v1/","query":{"headers":{"accept":"*/*","accept-encoding":"gzip, deflate, br","authorization":"***","cache-control":"` +
	`no-cachemax-age=0private"connection":"keep-alive","close"content-encoding":"content-length":"0","content-type":"text/` +
	`html; charset=UTF-8","text/plain; charset=utf-8","date":"Mon, 0Tue, 1Wed, 2Thu, 3Fri, Sat, Sun, Jan Feb Mar Apr May Jun ` +
	`Jul Aug Sep Oct Nov Dec 2026 :00:00 GMT","etag":"W/"expires":"last-modified":"location":"server":"nginx","vary":"` +
	`Accept-Encoding","x-request-id":"x-powered-by":"Expressset-cookie":"strict-transport-security":"max-age=31536000; ` +
	`includeSubDomains","x-content-type-options":"nosniff","x-frame-options":"x-ratelimit-remaining":"x-ratelimit-limit":"` +
	`x-github-event":"x-github-delivery":"x-hub-signature-256":"webhook-id":"webhook-timestamp":"webhook-signature":"v1,` +
	`stripe-signature":"idempotency-key":"user-agent":"Go-http-client/1.1GitHub-Hookshot/curl/8.Mozilla/5.0 ` +
	`application/x-www-form-urlencoded","allow_private":true,"form":{"json":{"id":"name":"method":"GETPUTPATCHDELETE` +
	`{"branch":"else","reason":"{"branch":"then"}{"state":"failed","cancelled","stopped","done"}` +
	`{"body":{"ok":true,"id":"content-length":"2","content-type":"application/json","date":"` +
	` GMT"},"status":200}"application/json; charset=utf-8"},"status":201},"status":204}` +
	`{"run":"","number":0,"flow":"","version":1,"trigger":":schedule.tick:chat.message:webhook.received:","by":"person:"` +
	`,"editor":"","manual":true,"queued":true,"cleared":["","approvers":"@approvers"}` +
	`{"body":{"name":"id":"headers":{"content-length":"1","content-type":"application/json","host":"127.0.0.1` +
	`"},"method":"POST","path":"","query":{}}`
