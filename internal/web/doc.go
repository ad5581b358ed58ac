// Package web is the browser's door: pages made of typed structs and templ
// components, the static files, and the handlers that fill the structs.
//
// A page is a struct named after its noun (list.go) that embeds Page, and a
// component beside it (list.templ). The struct is plain data: a component reads
// nothing else, so what a person can see is decided where the struct is filled.
// Parts that pages share are in the kit_*.templ files. Pages carry no inline
// script, style or event attribute, and every form works without script.
package web
