package main

import (
	"embed"
	"net/http"
)

//go:embed page.html page.js
var files embed.FS

// policy lets a page run and ask nothing that does not come from here.
const policy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self';" +
	" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func file(name, kind string) handler {
	octets, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return func(w http.ResponseWriter, r *http.Request, _ string) error {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cache-Control", "no-cache")
		answer(w, http.StatusOK, kind, octets)
		return nil
	}
}
