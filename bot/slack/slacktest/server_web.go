package slacktest

import "net/http"

// webMethods are the methods of the Web API that conversations alone do not need.
func webMethods() map[string]method { return map[string]method{} }

// serveMore adds addresses beside the Web API: uploads and downloads of files, OAuth.
func serveMore(_ *Server, _ *http.ServeMux) {}
